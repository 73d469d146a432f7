//! The members of one object, taken out one by one; each refusal names its member in full.

use std::str::FromStr;

use zeroize::Zeroizing;

use super::{D1Rules, Remark, UnknownMembers};
use crate::ids::KeyIndex;
use crate::json::{Json, Members};
use crate::refusal::{FieldName, Refusal};
use crate::words::UnknownWord;

pub(super) struct Fields {
    prefix: String,
    members: Members,
}

impl Fields {
    /// Begins to read an object whose members are named `{prefix}{member}`.
    pub(super) fn open(prefix: &str, members: Members) -> Result<Self, Refusal> {
        match &members.doubled {
            Some(name) => Err(Refusal::InvalidFormat(FieldName::given(prefix, name))),
            None => Ok(Self {
                prefix: prefix.to_owned(),
                members,
            }),
        }
    }

    /// Ends the reading: what is left is unknown.
    pub(super) fn close(self, rules: &D1Rules, remarks: &mut Vec<Remark>) -> Result<(), Refusal> {
        for name in self.members.by_name.keys() {
            let name = FieldName::given(&self.prefix, name);
            match rules.unknown_members {
                UnknownMembers::Strict => return Err(Refusal::InvalidFormat(name)),
                UnknownMembers::Lenient => remarks.push(Remark::UnknownMember(name)),
            }
        }
        Ok(())
    }

    /// Takes a member out unread; whether it was there.
    pub(super) fn ignore(&mut self, name: &str) -> bool {
        self.members.by_name.remove(name).is_some()
    }

    fn format(&self, name: &str) -> Refusal {
        Refusal::InvalidFormat(FieldName::given(&self.prefix, name))
    }

    fn value(&self, name: &str) -> Refusal {
        Refusal::InvalidValue(FieldName::given(&self.prefix, name))
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        match self.members.by_name.remove(name) {
            None | Some(Json::Null) => None,
            Some(json) => Some(json),
        }
    }

    fn text(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.format(name)),
        }
    }

    fn present<T>(&self, name: &str, member: Option<T>) -> Result<T, Refusal> {
        member.ok_or_else(|| self.format(name))
    }

    pub(super) fn optional_by<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        parse(&text).map(Some).ok_or_else(|| self.format(name))
    }

    pub(super) fn required_by<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        let member = self.optional_by(name, parse)?;
        self.present(name, member)
    }

    pub(super) fn optional<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Refusal> {
        self.optional_by(name, |text| text.parse().ok())
    }

    pub(super) fn required<T: FromStr>(&mut self, name: &str) -> Result<T, Refusal> {
        self.required_by(name, |text| text.parse().ok())
    }

    /// A required member of the right form whose value must also hold.
    pub(super) fn required_and<T: FromStr>(
        &mut self,
        name: &str,
        holds: impl Fn(&T) -> bool,
    ) -> Result<T, Refusal> {
        let member = self.required(name)?;
        if holds(&member) {
            Ok(member)
        } else {
            Err(self.value(name))
        }
    }

    /// A word of a closed list: another word is a bad value, no word a bad form.
    pub(super) fn optional_word<T>(&mut self, name: &str) -> Result<Option<T>, Refusal>
    where
        T: FromStr<Err = UnknownWord>,
    {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|UnknownWord(_)| self.value(name))
    }

    pub(super) fn required_word<T>(&mut self, name: &str) -> Result<T, Refusal>
    where
        T: FromStr<Err = UnknownWord>,
    {
        let member = self.optional_word(name)?;
        self.present(name, member)
    }

    pub(super) fn optional_flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.format(name)),
        }
    }

    pub(super) fn optional_index(&mut self, name: &str) -> Result<Option<KeyIndex>, Refusal> {
        let index = match self.take(name) {
            None => return Ok(None),
            Some(Json::Text(text)) => text.parse().ok(),
            Some(Json::Whole(number)) => KeyIndex::from_number(number),
            Some(_) => None,
        };
        self.present(name, index).map(Some)
    }

    pub(super) fn required_index(&mut self, name: &str) -> Result<KeyIndex, Refusal> {
        let member = self.optional_index(name)?;
        self.present(name, member)
    }

    /// A list of texts; absent is empty. A bad item is named as the list.
    pub(super) fn list<T: FromStr>(&mut self, name: &str) -> Result<Vec<T>, Refusal> {
        let items = match self.take(name) {
            None => return Ok(Vec::new()),
            Some(Json::Array(items)) => items,
            Some(_) => return Err(self.format(name)),
        };
        let parse = |item: Json| match item {
            Json::Text(text) => text.parse().ok(),
            _ => None,
        };
        let parsed: Option<Vec<T>> = items.into_iter().map(parse).collect();
        self.present(name, parsed)
    }

    pub(super) fn optional_object(&mut self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Object(members)) => {
                Self::open(&format!("{}{name}.", self.prefix), members).map(Some)
            }
            Some(_) => Err(self.format(name)),
        }
    }

    pub(super) fn required_object(&mut self, name: &str) -> Result<Self, Refusal> {
        let member = self.optional_object(name)?;
        self.present(name, member)
    }
}
