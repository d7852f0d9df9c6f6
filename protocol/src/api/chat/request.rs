//! Writing, reading, acknowledging and recalling messages.

use super::{ConversationRow, MessageRow};
use crate::{
    api::{
        field::{
            AddressOrGroup, Int, List, MessageRef, NonEmptyText, OneOrGroup, OneOrGroup12, Order,
            PageSize, Text,
        },
        methods::methods,
        money::{InsertTransfer, ReceiveTransfer, SendCard, SendReceived, TransferData},
        shape::{Empty, Number},
    },
    limits,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// Messages and conversations.
    pub trait Chat = "chat" {
        /// Lists the conversations: those on top first, then by the newest message.
        "getConversations" get_conversations(Empty) -> Vec<ConversationRow>, read;
        /// Shows the conversation with a person or group. 20068 if there is none and none may be made.
        "getConversationByCidChat" get_conversation_by_cid_chat(GetConversation) -> ConversationRow, chat;
        /// Marks a conversation as read or unread.
        "setConversationReadById" set_conversation_read_by_id(SetRead) -> Empty, chat;
        /// Sends a text. 20070 if it is empty, 21010 if the person is no friend, 20074 and 20075 if either side blocked the other, 20043 and 20047 for a group one is not in.
        "sendTextMessage" send_text_message(SendText) -> Vec<MessageRow>, chat;
        /// Lists a conversation's messages, a page at a time.
        "getMessagesByConversationId" get_messages_by_conversation_id(ListMessages) -> Vec<MessageRow>, read;
        /// Tells a person that one is writing, or no longer.
        "sendInputStateMessage" send_input_state_message(Typing) -> Empty, chat;
        /// Counts the unread messages of all conversations.
        "getUnreadMessageCount" get_unread_message_count(Empty) -> Number, read;
        /// Shows a message. 20091 if there is none with this id.
        "getMessageByIdChat" get_message_by_id_chat(GetMessage) -> MessageRow, read;
        /// Shows the messages that exist of those asked for, in the order asked.
        "getMessageByIds" get_message_by_ids(MessageRefs) -> Vec<MessageRow>, read;
        /// Tells who sent them that messages were read, and answers with those it told of.
        "sendMessageAckByIds" send_message_ack_by_ids(AckMessages) -> Vec<String>, chat;
        /// Takes back a message that one sent. 20072 if it can no longer be taken back.
        "recallMessageById" recall_message_by_id(RecallMessage) -> Empty, chat;
        /// Sends a red packet's card, and opens the packet for whom it is sent to if it is not open. 600 without a uid, 21004 if its time is over, 21006 if there is no such packet of one's own; else refused as a text is.
        "sendRedPacketMessage" send_red_packet_message(SendCard) -> MessageRow, wallet;
        /// Sends the notice that one took a share of a red packet. 20091 without its card, 21006 without the share; else refused as a text is.
        "sendReceivedRedPacketMessage" send_received_red_packet_message(SendReceived) -> Vec<MessageRow>, chat;
        /// Makes a transfer to a friend. 20010 to 20012 for a wrong wallet password, 21001 if the balance is too small, 21007 outside the network's limits, 21010 if the person is no friend, 600 if the gas is less than the fee, 21009 with the uid if the ledger has not decided in time.
        "insertTransfer" insert_transfer(InsertTransfer) -> TransferData, wallet later;
        /// Sends a transfer's card. 600 without a uid, 21006 if there is no such transfer of one's own; else refused as a text is.
        "sendTransferMessage" send_transfer_message(SendCard) -> MessageRow, chat;
        /// Accepts a transfer. 20010 to 20012 for a wrong wallet password, 21004 if its time is over, 21005 if one is not the payee, 21006 if there is none, 21008 if it is decided, 21009 with the uid if the ledger has not decided in time.
        "receiveTransfer" receive_transfer(ReceiveTransfer) -> TransferData, wallet later;
        /// Sends the notice that one decided about a transfer. 20091 without its card, 21006 without a decision; else refused as a text is.
        "sendReceivedTransferMessage" send_received_transfer_message(SendReceived) -> Vec<MessageRow>, chat;
    }
}

/// A public key that the document asks for; the node knows the right one and ignores it.
type Key = Text<256>;

/// Different messages, at least one.
type Messages = List<MessageRef, 1, { limits::PAGE_ROWS as usize }>;

/// Where a page of messages starts: the `order` of a row.
pub type PageMark = NonEmptyText<128>;

/// Which conversation to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetConversation {
    /// The person or group.
    pub cnd: AddressOrGroup,
    /// The person or group again.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup,
    /// Whether to make the conversation with a friend if there is none.
    pub create_if_need: bool,
}

/// Which conversation to mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetRead {
    /// The conversation.
    pub conversation_id: AddressOrGroup,
    /// Whether it is to be read.
    pub is_read: bool,
}

/// A text, and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendText {
    /// The person or group.
    pub cnd: AddressOrGroup,
    /// The person or group again.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup,
    /// The person's public key, empty for a group; the node knows the right one.
    #[serde(rename = "pub")]
    #[schema(value_type = String)]
    pub key: Key,
    /// The text.
    pub text: Text<{ limits::MESSAGE_TEXT_CHARS }>,
}

/// Which messages to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMessages {
    /// The conversation.
    pub conversation_id: AddressOrGroup,
    /// The time from which to list; -1 for the end that the order begins with.
    pub start_time: Int<-1, { i64::MAX }>,
    /// Rows at most.
    pub page_size: PageSize,
    /// Oldest or newest first.
    pub order_by: Order,
    /// Only what stands behind the row with this `order`, in place of the time.
    pub after_order: Option<PageMark>,
}

/// Whether one is writing to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// The person or group.
    pub cnd: AddressOrGroup,
    /// Whether one is writing.
    pub is_inputting: bool,
}

/// Which message to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetMessage {
    /// The message.
    pub message_id: MessageRef,
}

/// Which messages to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageRefs {
    /// The messages.
    #[schema(value_type = Vec<MessageRef>)]
    pub message_ids: Messages,
}

/// Which messages were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AckMessages {
    /// The conversation.
    pub conversation_id: AddressOrGroup,
    /// The person or group.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup12,
    /// The messages.
    #[schema(value_type = Vec<MessageRef>)]
    pub message_ids: Messages,
    /// The person's public key, empty for a group; the node knows the right one.
    #[serde(rename = "pub")]
    #[schema(value_type = String)]
    pub key: Key,
    /// Whether this is said again; saying it again changes nothing.
    pub is_retry: bool,
}

/// Which message to take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecallMessage {
    /// The conversation.
    pub conversation_id: AddressOrGroup,
    /// The person or group.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup12,
    /// The message.
    pub message_id: MessageRef,
    /// The person's public key, empty for a group; the node knows the right one.
    #[serde(rename = "pub")]
    #[schema(value_type = String)]
    pub key: Key,
}
