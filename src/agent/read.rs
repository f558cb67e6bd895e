//! Reading what an agent says. There may be millions of lines, so the usual form of one, whose first key tells which event
//! it is, is read into that event at once; serde would keep all parts of it first and look for the key then.

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::Event;

/// An event in its usual form.
pub(super) struct Usual(pub(super) Event);

/// The first key.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum First {
    Event,
}

/// Which event it is.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Hello,
    Step,
    Provisioned,
    Imported,
    Started,
    Observed,
    Ended,
    Done,
}

impl<'de> Deserialize<'de> for Usual {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Event;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
        let Some((First::Event, name)) = map.next_entry()? else { return Err(A::Error::missing_field("event")) };
        let rest = MapAccessDeserializer::new(&mut map);
        Ok(match name {
            Name::Hello => Event::Hello(Deserialize::deserialize(rest)?),
            Name::Step => Event::Step(Deserialize::deserialize(rest)?),
            Name::Provisioned => Event::Provisioned(Deserialize::deserialize(rest)?),
            Name::Imported => Event::Imported(Deserialize::deserialize(rest)?),
            Name::Started => Event::Started(Deserialize::deserialize(rest)?),
            Name::Observed => Event::Observed(Deserialize::deserialize(rest)?),
            Name::Ended => Event::Ended(Deserialize::deserialize(rest)?),
            Name::Done => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Event::Done {}
            }
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_the_same_in_any_order() {
        let observation = r#"{"name":"a","fact":{"value":{"kind":"scalar","type":"float","preview":1.50}},"line":1}"#;
        let usual = format!(r#"{{"event": "observed", "scenario": 3, "repeat": 1, "observation": {observation}}}"#);
        let other = format!(r#"{{"scenario":3,"observation":{observation},"event":"observed","repeat":1,"more":[]}}"#);
        let Usual(read) = serde_json::from_str(&usual).unwrap();
        assert!(serde_json::from_str::<Usual>(&other).is_err());
        let [first, second] = [usual, other].map(|text| serde_json::from_str::<Event>(&text).unwrap());
        assert_eq!([format!("{read:?}"), format!("{read:?}")], [format!("{first:?}"), format!("{second:?}")]);
        assert!(matches!(serde_json::from_str(r#"{"event":"done","more":{}}"#).unwrap(), Usual(Event::Done {})));
    }
}
