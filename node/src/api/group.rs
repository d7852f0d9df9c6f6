//! Groups: the bodies are calls of the rules in `core::groups`.

use crate::core::{Turn, money::Paying};
use magpie_protocol::{
    address::Address,
    api::{
        Answer, ApiError, ApiResult, ErrorCode,
        field::GroupRef,
        group::{
            Chosen, CreateGroup, CreatedGroup, GetGroupConfig, GetMembers, Group, GroupConfigRow,
            GroupRow, MemberRow,
        },
        money::{Cover, FundFortune, FundOrdinary, PacketData, ReceiveEnvelope, uid_of},
        shape::{Empty, OneGroup, Status},
    },
    bounded::Text,
    group::{Config, Dissolve, Leave, NewMember},
    ids::GroupId,
    ledger::PacketKind,
    limits::GROUP_NAME_CHARS,
};

/// Nicknames that a group without a name of its own is called by.
const NAMED_AFTER: usize = 4;

impl Group for Turn<'_> {
    fn create_group(&mut self, request: CreateGroup) -> ApiResult<CreatedGroup> {
        let chosen: Vec<Address> = request.item_list.iter().map(|it| it.address).collect();
        if chosen.is_empty() {
            return Err(ErrorCode::NoMembers.into());
        }
        if chosen.len() >= usize::try_from(Config::default().max_members).unwrap_or(usize::MAX) {
            return Err(ErrorCode::GroupSize.into());
        }
        let others = self.new_members(&chosen)?;
        let name = request.group_name.map(|name| name.into_string().trim().to_owned());
        let name = match name.filter(|name| !name.is_empty()) {
            Some(name) => group_name(name)?,
            None => self.name_after(&chosen)?,
        };
        Ok(CreatedGroup { id: self.make_group(name, others)?.to_string() })
    }

    fn get_group_by_gid2(&mut self, request: OneGroup) -> ApiResult<GroupRow> {
        self.group_row(group(&request.g_id)?)
    }

    fn get_group_config_by_gid(&mut self, request: GetGroupConfig) -> ApiResult<GroupConfigRow> {
        self.group_config_row(group(&request.gid)?)
    }

    fn get_all_groups(&mut self, _: Empty) -> ApiResult<Vec<GroupRow>> {
        self.list_groups()
    }

    fn quit_group(&mut self, request: OneGroup) -> ApiResult<Status> {
        let group = group(&request.g_id)?;
        self.group_state(group)?;
        self.act(group, Leave.into())?;
        Ok(Status { status: true })
    }

    fn dissolve_group(&mut self, request: OneGroup) -> ApiResult<Status> {
        let group = group(&request.g_id)?;
        self.group_state(group)?;
        self.act(group, Dissolve.into())?;
        Ok(Status { status: true })
    }

    fn get_group_item_by_gid(&mut self, request: GetMembers) -> ApiResult<Vec<MemberRow>> {
        self.member_rows(group(&request.g_id)?, request.is_get_ps.unwrap_or(true))
    }

    fn group_fortune_insert_red_envelope(
        &mut self,
        request: FundFortune,
    ) -> ApiResult<Answer<PacketData>> {
        let FundFortune { gas, amount, count, password, src_address, remark, cover, g_id, .. } =
            request;
        let paying = Paying {
            amount,
            gas,
            from: src_address.0,
            password: password.expose(),
            remark: &remark.map(|remark| remark.into_string()).unwrap_or_default(),
        };
        let group = g_id.as_ref().map(group).transpose()?;
        let face = (count, cover.unwrap_or(Cover::Base).into());
        self.fund_packet(PacketKind::Fortune, group, face, &paying)?;
        Ok(Answer::Later)
    }

    fn group_ordinary_insert_red_envelope(
        &mut self,
        request: FundOrdinary,
    ) -> ApiResult<Answer<PacketData>> {
        let FundOrdinary { gas, amount, count, password, src_address, remark, cover, g_id, .. } =
            request;
        let paying = Paying {
            amount,
            gas,
            from: src_address.0,
            password: password.expose(),
            remark: &remark.map(|remark| remark.into_string()).unwrap_or_default(),
        };
        let group = g_id.as_ref().map(group).transpose()?;
        let face = (count.unwrap_or(1), cover.unwrap_or(Cover::Base).into());
        self.fund_packet(PacketKind::Ordinary, group, face, &paying)?;
        Ok(Answer::Later)
    }

    fn group_receive_envelope(
        &mut self,
        request: ReceiveEnvelope,
    ) -> ApiResult<Answer<PacketData>> {
        self.claim_packet(uid_of("message", request.message.value())?)?;
        Ok(Answer::Later)
    }

    fn get_cur_user_item(&mut self, request: OneGroup) -> ApiResult<MemberRow> {
        self.own_member_row(group(&request.g_id)?)
    }
}

impl Turn<'_> {
    /// Returns contacts as they are taken into a group. Errors: 20058 for who is no contact, 20033
    /// for one whose keys are not known yet.
    pub(super) fn new_members(&mut self, chosen: &[Address]) -> ApiResult<Vec<NewMember>> {
        let mut members = Vec::with_capacity(chosen.len());
        for who in chosen {
            let person = self.friend(*who)?;
            let known = self.correspondent(*who)?;
            let keys = person.card.map(|card| card.keys);
            let devices = known.map(|person| person.list.list().clone());
            let (Some(keys), Some(devices)) = (keys, devices) else {
                let why = format!("the keys of {who} are not known yet");
                return Err(ApiError::new(ErrorCode::PeerInfo, why));
            };
            members.push(NewMember { keys, devices });
        }
        Ok(members)
    }

    /// Returns the name of a group that was given none: its first members' nicknames.
    fn name_after(&mut self, chosen: &[Address]) -> ApiResult<Text<GROUP_NAME_CHARS>> {
        let mut names = vec![self.open()?.profile.nickname.clone()];
        for who in chosen.iter().take(NAMED_AFTER - 1) {
            names.push(self.person(*who)?.nickname(*who));
        }
        let name: String = names.join(", ").chars().take(GROUP_NAME_CHARS).collect();
        group_name(name)
    }
}

/// Returns the group that a call names; what is no group's id is no group: 20043.
pub(super) fn group(name: &GroupRef) -> ApiResult<GroupId> {
    name.id().ok_or_else(|| ErrorCode::GroupUnknown.into())
}

/// Returns a group's name as members get it. Errors: 20040.
pub(super) fn group_name(name: String) -> ApiResult<Text<GROUP_NAME_CHARS>> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ErrorCode::GroupName.into());
    }
    Text::new(name).map_err(|e| ApiError::new(ErrorCode::GroupName, e.to_string()))
}

/// Returns the addresses of people chosen.
pub(super) fn addresses(chosen: &[Chosen]) -> Vec<Address> {
    chosen.iter().map(|it| it.address).collect()
}
