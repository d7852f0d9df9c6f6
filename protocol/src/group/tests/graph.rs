//! The graph: waiting, bounds, and what is refused whatever the state.

use super::world::*;
use crate::{bounded::List, group::*, ids::GroupId, limits::GROUP_WAITING};

fn graph(world: &World) -> Graph {
    Graph::new(world.graph.get(world.root).unwrap().clone()).unwrap()
}

#[test]
fn what_comes_early_waits_for_its_parents() {
    let mut world = World::new();
    let ids: Vec<_> = (0..4)
        .scan(world.root, |head, at| {
            let name = world.rename(&format!("{at}"));
            *head = world.on(&[*head], NED, name);
            Some(*head)
        })
        .collect();
    let of = |id: OperationId| world.graph.get(id).unwrap().clone();
    let mut late = graph(&world);
    assert_eq!(late.insert(of(ids[3])), Ok(Inserted::Waiting(vec![ids[2]])));
    assert_eq!(late.insert(of(ids[3])), Ok(Inserted::Known));
    assert_eq!(late.insert(of(ids[1])), Ok(Inserted::Waiting(vec![ids[0]])));
    assert_eq!(late.insert(of(ids[2])), Ok(Inserted::Waiting(vec![ids[1]])));
    assert_eq!(late.missing().collect::<Vec<_>>(), [ids[0]]);
    assert_eq!(late.insert(of(ids[0])), Ok(Inserted::Added(ids.clone())));
    assert_eq!(late.missing().count(), 0);
    assert_eq!(late.heads().iter().copied().collect::<Vec<_>>(), [ids[3]]);
    assert_eq!(late.next(), (vec![ids[3]], 5));
    assert!(late.is_before(ids[0], ids[3]) && !late.is_before(ids[3], ids[0]));
    assert_eq!(late.insert(of(ids[0])), Ok(Inserted::Known));
}

#[test]
fn the_waiting_room_is_bounded() {
    let mut world = World::new();
    let first = world.rename("first");
    let first = world.on(&[world.root], NED, first);
    let mut late = graph(&world);
    for at in 0..GROUP_WAITING {
        let name = world.rename(&at.to_string());
        let operation = world.sign(&[first], NED, Some(first), name);
        assert_eq!(late.insert(operation), Ok(Inserted::Waiting(vec![first])));
    }
    let name = world.rename("one too many");
    let operation = world.sign(&[first], NED, Some(first), name);
    let id = operation.id();
    assert_eq!(late.insert(operation.clone()), Err(GraphError::Full(id)));
    late.forget_waiting();
    assert_eq!(late.insert(operation), Ok(Inserted::Waiting(vec![first])));
}

#[test]
fn depth_previous_and_group_are_checked() {
    let mut world = World::new();
    let name = world.rename("name");
    let head = world.on(&[world.root], NED, name.clone());
    let resign = |change: &dyn Fn(&mut Operation)| {
        let mut operation = world.graph.get(head).unwrap().operation().clone();
        operation.parents = List::new(vec![head]).unwrap();
        operation.depth = 2;
        change(&mut operation);
        operation.sign(&world.people[NED].primary).unwrap().verify().unwrap()
    };
    let mut graph = world.graph.clone();
    let deep = resign(&|it| it.depth = 3);
    let id = deep.id();
    assert_eq!(graph.insert(deep), Err(GraphError::Depth { id, expected: 2, found: 3 }));
    // Olive's own, and so not Ned's to name.
    let root = world.root;
    let foreign = resign(&|it| it.previous = Some(root));
    let id = foreign.id();
    assert_eq!(graph.insert(foreign), Err(GraphError::Previous { id, previous: root }));
    let other = GroupId([9; 32]);
    let elsewhere = resign(&|it| it.group = Some(other));
    let (id, expected) = (elsewhere.id(), graph.group());
    assert_eq!(graph.insert(elsewhere), Err(GraphError::Group { id, expected, found: other }));
    assert_eq!(graph.operations().len(), 2);
    assert!(matches!(
        Graph::new(world.graph.get(head).unwrap().clone()),
        Err(GraphError::NotFirst(_))
    ));
}
