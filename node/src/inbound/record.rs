//! `/magpie/record/1`, asked of a super node: puts and gets of the directory.

use crate::core::{
    Turn,
    mesh::{Admission, Office, Verified, answer_room},
    net::{Fault, InboundId, NetCommand},
};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::{DecodeError, decode, encode},
    directory::{Answer, PutRecord, Query, Refusal, Request},
    limits::{RECORD_PUTS, RECORD_QUERIES},
    version::VersionRange,
};
use magpie_storage::table::TableError;

impl Turn<'_> {
    /// Serves one request to the directory: exactly one answer, or a fault of the peer.
    pub(crate) fn serve_record(&mut self, id: InboundId, from: NodeId, bytes: &[u8]) {
        let Some(office) = self.core.mesh.office.clone() else {
            return self.command(NetCommand::Refuse { id });
        };
        match self.core.mesh.admit(from, self.now, bytes.len()) {
            Admission::Served => {}
            Admission::Wait(seconds) => {
                return self.answer_record(id, &from, &Answer::Refused(Refusal::Wait { seconds }));
            }
            Admission::Flooding => return self.fault(id, from, Fault::Flooding),
        }
        let request = match decode::<Request>(bytes) {
            Ok(request) => request,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => return self.command(NetCommand::Refuse { id }),
            Err(_) => return self.fault(id, from, Fault::Malformed),
        };
        let answer = match request {
            Request::Hello(_) => Ok(Answer::Hello(VersionRange::OURS)),
            Request::Put(puts) => self.put_records(&office, from, puts),
            Request::Get(queries) => self.get_records(&queries),
        };
        // A store that failed ends the node after this step: nothing is answered.
        if let Ok(answer) = self.stored(answer) {
            self.answer_record(id, &from, &answer);
        }
    }

    fn put_records(
        &mut self,
        office: &Office,
        from: NodeId,
        puts: List<PutRecord, RECORD_PUTS>,
    ) -> Result<Answer, TableError> {
        self.core.mesh.charge(&from, puts.len(), 0, 0);
        let mut verified = Verified::new();
        let mut answers = List::default();
        let mut forged = false;
        for put in puts {
            let judged = self.put_record(office, put, &mut verified)?;
            forged |= judged.forged;
            // As many answers as puts, and the bound is the same.
            let _ = answers.push(judged.answer);
        }
        if forged {
            self.command(NetCommand::Misbehaved { peer: from, fault: Fault::Forged });
        }
        Ok(Answer::Put(answers))
    }

    fn get_records(&self, queries: &List<Query, RECORD_QUERIES>) -> Result<Answer, TableError> {
        let mut room = answer_room();
        let mut results = List::default();
        for query in queries.iter() {
            let _ = results.push(self.find_records(query, &mut room)?);
        }
        Ok(Answer::Found(results))
    }

    fn answer_record(&mut self, id: InboundId, to: &NodeId, answer: &Answer) {
        match encode(answer) {
            Ok(bytes) => {
                self.core.mesh.charge(to, 0, 0, bytes.len());
                self.respond(id, bytes);
            }
            // Every answer is built within its limit; a peer would hear of a bug as a refusal.
            Err(_) => self.command(NetCommand::Refuse { id }),
        }
    }
}
