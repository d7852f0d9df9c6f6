//! Messages and conversations: the bodies are calls of the rules in `core::chat`.

use crate::core::{
    Turn,
    chat::{From, rows::Room},
    money::Paying,
};
use magpie_protocol::{
    api::{
        Answer, ApiError, ApiResult, ErrorCode,
        chat::{
            AckMessages, Chat, ConversationRow, GetConversation, GetMessage, ListMessages,
            MessageRefs, MessageRow, RecallMessage, SendText, SetRead, Typing,
        },
        field::{AddressOrGroup, JsonText, MessageRef, OneOrGroup12, Secret},
        money::{InsertTransfer, ReceiveTransfer, SendCard, SendReceived, TransferData, uid_of},
        shape::{Empty, Number},
    },
    bounded::Text,
    ids::MessageId,
    ledger::EntryId,
};

impl Chat for Turn<'_> {
    fn get_conversations(&mut self, _: Empty) -> ApiResult<Vec<ConversationRow>> {
        self.list_conversations()
    }

    fn get_conversation_by_cid_chat(
        &mut self,
        request: GetConversation,
    ) -> ApiResult<ConversationRow> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        self.find_conversation(room, request.create_if_need)
    }

    fn set_conversation_read_by_id(&mut self, request: SetRead) -> ApiResult<Empty> {
        self.set_read(named(request.conversation_id), request.is_read)?;
        Ok(Empty {})
    }

    fn send_text_message(&mut self, request: SendText) -> ApiResult<Vec<MessageRow>> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        let text = Text::new(request.text.into_string())
            .map_err(|e| ApiError::new(ErrorCode::BadParameter, format!("text: {e}")))?;
        Ok(vec![self.send_text(room, text)?])
    }

    fn get_messages_by_conversation_id(
        &mut self,
        request: ListMessages,
    ) -> ApiResult<Vec<MessageRow>> {
        let room = named(request.conversation_id);
        let from = match (&request.after_order, u64::try_from(request.start_time.get())) {
            (Some(mark), _) => From::after(mark)?,
            (None, Ok(time)) => From::Time(time),
            (None, Err(_)) => From::End,
        };
        let size = usize::try_from(request.page_size.get()).unwrap_or_default();
        self.list_messages(room, from, request.order_by, size)
    }

    fn send_input_state_message(&mut self, request: Typing) -> ApiResult<Empty> {
        self.send_typing(named(request.cnd), request.is_inputting)?;
        Ok(Empty {})
    }

    fn get_unread_message_count(&mut self, _: Empty) -> ApiResult<Number> {
        Ok(Number { value: self.chat_counts()?.unread })
    }

    fn get_message_by_id_chat(&mut self, request: GetMessage) -> ApiResult<MessageRow> {
        let (room, order, row) = self.message(message(&request.message_id)?)?;
        self.message_row(room, order, &row)
    }

    fn get_message_by_ids(&mut self, request: MessageRefs) -> ApiResult<Vec<MessageRow>> {
        let mut rows = Vec::new();
        for id in request.message_ids.iter().filter_map(MessageRef::id) {
            if let Some((room, order, row)) = self.find_message(id)? {
                rows.push(self.message_row(room, order, &row)?);
            }
        }
        Ok(rows)
    }

    fn send_message_ack_by_ids(&mut self, request: AckMessages) -> ApiResult<Vec<String>> {
        let room = both(request.conversation_type, request.conversation_id, request.cid)?;
        let ids: Vec<MessageId> = request.message_ids.iter().filter_map(MessageRef::id).collect();
        Ok(self.acknowledge(room, &ids)?.iter().map(MessageId::to_string).collect())
    }

    fn send_red_packet_message(&mut self, request: SendCard) -> ApiResult<MessageRow> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        self.send_packet_card(room, uid_in(&request.content)?)
    }

    fn send_received_red_packet_message(
        &mut self,
        request: SendReceived,
    ) -> ApiResult<Vec<MessageRow>> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        let packet = uid_in(&request.content)?;
        Ok(vec![self.send_packet_notice(room, packet, message(&request.msg_id)?)?])
    }

    fn insert_transfer(&mut self, request: InsertTransfer) -> ApiResult<Answer<TransferData>> {
        let InsertTransfer { cnd, gas, amount, password, src_address, remark, .. } = request;
        let paying = Paying {
            amount,
            gas,
            from: src_address.0,
            password: password.expose(),
            remark: &remark.map(|remark| remark.into_string()).unwrap_or_default(),
        };
        self.fund_transfer(cnd.0, &paying)?;
        Ok(Answer::Later)
    }

    fn send_transfer_message(&mut self, request: SendCard) -> ApiResult<MessageRow> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        self.send_transfer_card(room, uid_in(&request.content)?)
    }

    fn receive_transfer(&mut self, request: ReceiveTransfer) -> ApiResult<Answer<TransferData>> {
        let transfer = uid_of("message", request.message.value())?;
        self.accept_transfer(transfer, request.password.get().map(Secret::expose))?;
        Ok(Answer::Later)
    }

    fn send_received_transfer_message(
        &mut self,
        request: SendReceived,
    ) -> ApiResult<Vec<MessageRow>> {
        let room = both(request.conversation_type.into(), request.cnd, request.cid)?;
        let transfer = uid_in(&request.content)?;
        Ok(vec![self.send_transfer_notice(room, transfer, message(&request.msg_id)?)?])
    }

    fn recall_message_by_id(&mut self, request: RecallMessage) -> ApiResult<Empty> {
        let room = both(request.conversation_type, request.conversation_id, request.cid)?;
        self.recall(room, message(&request.message_id)?)?;
        Ok(Empty {})
    }
}

/// Returns the conversation that a call names twice. Errors: 600 if the names differ, or name no
/// account where one is meant.
fn both(kind: OneOrGroup12, name: AddressOrGroup, again: AddressOrGroup) -> ApiResult<Room> {
    if name != again {
        let why = "cid: must name the same person or group";
        return Err(ApiError::new(ErrorCode::BadParameter, why));
    }
    if kind == OneOrGroup12::Group {
        return Ok(Room::Group(name.group()));
    }
    name.account().map(Room::Direct).ok_or_else(|| {
        ApiError::new(ErrorCode::BadParameter, "cid: must be the address of an account")
    })
}

/// Returns the conversation that a call names by its id alone; what is no account is a group.
fn named(name: AddressOrGroup) -> Room {
    name.account().map_or_else(|| Room::Group(name.group()), Room::Direct)
}

/// Returns the packet or transfer that a text of JSON tells of. Errors: 600.
fn uid_in(content: &JsonText) -> ApiResult<EntryId> {
    uid_of("content", &content.parse().unwrap_or_default())
}

/// Returns the message's id; a text that is none is no message's: 20091.
fn message(name: &MessageRef) -> ApiResult<MessageId> {
    name.id().ok_or_else(|| ErrorCode::MessageUnknown.into())
}
