//! Lists: bounded, and without the same element twice.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, SeqAccess, Visitor},
};
use std::{borrow::Cow, collections::BTreeSet, fmt, marker::PhantomData, ops::Deref};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ArrayBuilder, Schema},
    },
};

/// What a [`List`] holds: something with a key that tells two of them apart.
pub trait Element {
    /// What errors call it.
    const NAME: &'static str;
    /// What makes two of them the same.
    type Key: Ord;

    /// Returns what makes two of them the same.
    fn key(&self) -> Self::Key;
}

/// At least `MIN` and at most `MAX` different elements: an empty list is 1005 if `MIN` is not 0,
/// the same element twice 1003, too many 600.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T: Element, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// Returns the list if these elements are one.
    pub fn new(items: Vec<T>) -> Option<Self> {
        let keys: BTreeSet<T::Key> = items.iter().map(Element::key).collect();
        let allowed = keys.len() == items.len() && (MIN..=MAX).contains(&items.len());
        allowed.then_some(Self(items))
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MIN: usize, const MAX: usize> IntoIterator for List<T, MIN, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: Element + Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de>
    for List<T, MIN, MAX>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const MIN: usize, const MAX: usize>(PhantomData<T>);

        impl<'de, T: Element + Deserialize<'de>, const MIN: usize, const MAX: usize> Visitor<'de>
            for Elements<T, MIN, MAX>
        {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of {MIN} to {MAX} elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let (mut items, mut keys) = (Vec::new(), BTreeSet::new());
                while let Some(item) = seq.next_element::<T>()? {
                    if items.len() == MAX {
                        return Err(de::Error::invalid_length(MAX + 1, &self));
                    }
                    if !keys.insert(item.key()) {
                        return Err(de::Error::duplicate_field(T::NAME));
                    }
                    items.push(item);
                }
                if items.len() < MIN {
                    return Err(de::Error::invalid_length(items.len(), &self));
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Elements::<T, MIN, MAX>(PhantomData)).map(Self)
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> PartialSchema for List<T, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(T::schema())
            .unique_items(true)
            .min_items(Some(MIN))
            .max_items(Some(MAX))
            .into()
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> ToSchema for List<T, MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("ListOf{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
