//! `catch`: every planted bug, until its checker finds it.

use super::args::{Catch, Wrong};
use crate::{
    cores::{Caught, Planted, Sabotage},
    scenario::builtin,
};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

/// Plants one bug after the other, on all cores, and tells the first seed that shows each; returns
/// whether all were found.
pub(super) fn catch(of: &Catch) -> Result<bool, Wrong> {
    let unknown = of.names.iter().find(|name| Sabotage::named(name).is_none());
    if let Some(name) = unknown {
        return Err(Wrong::Usage(format!("{name}: `list` names the bugs that can be planted")));
    }
    let meant = |it: &&Planted| of.names.is_empty() || of.names.iter().any(|name| name == it.name);
    let all: Vec<&Planted> = Sabotage::ALL.iter().filter(meant).collect();
    let jobs = of.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let next = AtomicUsize::new(0);
    let mut caught = 0;
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(Sabotage::ALL.len());
        for _ in 0..jobs.max(1) {
            let (sender, all, next) = (sender.clone(), &all, &next);
            scope.spawn(move || {
                while let Some(planted) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let told = sender.send((*planted, one(planted, of.seeds)));
                    if told.is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (Planted { name, scenario, .. }, found) in receiver {
            let (found, seconds) = found?;
            match found {
                Some(Caught { seed, checker }) => {
                    caught += 1;
                    println!("{name:14} {scenario:12} {checker:22} seed {seed:<4} {seconds:5.1} s");
                }
                None => println!("{name:14} {scenario:12} NOT FOUND in {} seeds", of.seeds),
            }
        }
        println!("{caught} of {} planted bugs are found within {} seeds", all.len(), of.seeds);
        Ok(caught == all.len())
    })
}

/// Looks for one bug; returns what found it, and the seconds that it took.
fn one(planted: &Planted, seeds: u64) -> Result<(Option<Caught>, f64), Wrong> {
    let begun = Instant::now();
    let Some(Ok(scenario)) = builtin::scenario(planted.scenario) else {
        return Err(Wrong::Failed(format!("{} is no scenario", planted.scenario)));
    };
    let found = planted.catch(&scenario, 1..=seeds);
    Ok((found, begun.elapsed().as_secs_f64()))
}
