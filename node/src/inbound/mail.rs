//! `/magpie/mail/1`, asked of a super node: leaving mail and groups' frames, collecting
//! them, and tokens.

use crate::core::{
    Turn,
    mesh::{Admission, Office},
    net::{Fault, InboundId, NetCommand},
};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::{DecodeError, decode, encode},
    limits::MAIL_ENVELOPES,
    mail::{Answer, Put, PutFrame, Refusal, Request},
    version::VersionRange,
};
use magpie_storage::table::TableError;

impl Turn<'_> {
    /// Serves one request to a mailbox: exactly one answer, or a fault of the peer.
    pub(crate) fn serve_mail(&mut self, id: InboundId, from: NodeId, bytes: &[u8]) {
        let Some(office) = self.core.mesh.office.clone() else {
            return self.command(NetCommand::Refuse { id });
        };
        match self.core.mesh.admit(from, self.now, bytes.len()) {
            Admission::Served => {}
            Admission::Wait(seconds) => {
                return self.answer_mail(id, &from, &Answer::Refused(Refusal::Wait { seconds }));
            }
            Admission::Flooding => return self.fault(id, from, Fault::Flooding),
        }
        let request = match decode::<Request>(bytes) {
            Ok(request) => request,
            // It may be honest, and newer than this node.
            Err(DecodeError::Version { .. }) => return self.command(NetCommand::Refuse { id }),
            Err(_) => return self.fault(id, from, Fault::Malformed),
        };
        let answer = self.mail_answer(&office, from, request);
        // A store that failed ends the node after this step: nothing is answered.
        if let Ok(answer) = self.stored(answer) {
            self.answer_mail(id, &from, &answer);
        }
    }

    fn mail_answer(
        &mut self,
        office: &Office,
        from: NodeId,
        request: Request,
    ) -> Result<Answer, TableError> {
        let items = match &request {
            Request::Put(puts) => puts.len(),
            Request::Ack(ack) => ack.ids.len(),
            Request::Tokens(tokens) => tokens.set.len() + tokens.withdraw.len(),
            Request::PutFrames(puts) => puts.len(),
            Request::Hello(_)
            | Request::Fetch(_)
            | Request::FetchFrames(_)
            | Request::Notice { .. } => 0,
        };
        self.core.mesh.charge(&from, 0, items, 0);
        match request {
            Request::Hello(_) => Ok(Answer::Hello(VersionRange::OURS)),
            Request::Put(puts) => self.put_all_mail(office, puts),
            Request::Fetch(fetch) => self.fetch_mail(from, &fetch),
            Request::Ack(ack) => self.ack_mail(from, &ack),
            Request::Tokens(tokens) => self.set_tokens(from, &tokens),
            Request::PutFrames(puts) => self.put_all_frames(office, from, puts),
            Request::FetchFrames(fetch) => {
                let judged = self.fetch_frames(from, fetch)?;
                self.blame(from, judged.forged);
                Ok(judged.answer)
            }
            // A super node has no mailbox of its own.
            Request::Notice { .. } => Ok(Answer::Refused(Refusal::Malformed)),
        }
    }

    fn put_all_mail(
        &mut self,
        office: &Office,
        puts: List<Put, MAIL_ENVELOPES>,
    ) -> Result<Answer, TableError> {
        let mut answers = List::default();
        for put in puts {
            // As many answers as puts, and the bound is the same.
            let _ = answers.push(self.put_mail(office, put)?);
        }
        Ok(Answer::Put(answers))
    }

    fn put_all_frames(
        &mut self,
        office: &Office,
        from: NodeId,
        puts: List<PutFrame, MAIL_ENVELOPES>,
    ) -> Result<Answer, TableError> {
        let mut answers = List::default();
        let mut forged = false;
        for put in puts {
            // Nobody forges by mistake: after one, no more signatures are checked.
            let judged =
                if forged { Refusal::Malformed.into() } else { self.put_frame(office, from, put)? };
            forged |= judged.forged;
            // As many answers as puts, and the bound is the same.
            let _ = answers.push(judged.answer);
        }
        self.blame(from, forged);
        Ok(Answer::Put(answers))
    }

    fn blame(&mut self, peer: NodeId, forged: bool) {
        if forged {
            self.command(NetCommand::Misbehaved { peer, fault: Fault::Forged });
        }
    }

    fn answer_mail(&mut self, id: InboundId, to: &NodeId, answer: &Answer) {
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
