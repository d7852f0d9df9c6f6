//! The API's description for people and tools: an OpenAPI 3.1 document made from the catalogue.

use super::{
    Auth, CATALOG, ErrorCode, MethodInfo,
    contract::schema_of,
    event::{EVENTS, EventFrame},
};
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema::Schema};

/// Schemas by name, collected while the paths are written.
#[derive(Default)]
struct Schemas(Map<String, Value>);

impl Schemas {
    /// Adds what `of` refers to and returns its own schema.
    fn add(&mut self, of: super::contract::SchemaOf) -> Value {
        let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
        let own = value(&of(&mut named));
        for (name, schema) in named {
            self.0.entry(name).or_insert_with(|| value(&schema));
        }
        own
    }
}

fn value(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}

/// Returns the description of every method that the node serves, and of the events.
pub fn openapi() -> Value {
    let mut schemas = Schemas::default();
    let paths: Map<String, Value> = CATALOG
        .iter()
        .copied()
        .flatten()
        .map(|info| {
            let path = format!("/api/{}/{}", info.module, info.method);
            (path, json!({ "post": operation(info, &mut schemas) }))
        })
        .collect();
    let events: Vec<Value> = EVENTS
        .iter()
        .map(|(name, class, doc, of)| {
            let class = format!("{class:?}").to_lowercase();
            json!({ "event": name, "class": class, "description": doc.trim(), "data": schemas.add(*of) })
        })
        .collect();
    schemas.add(schema_of::<EventFrame>);
    schemas.0.insert("Code".to_owned(), code_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Magpie's local API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Calls are POST with a JSON object. HTTP 200 carries every answer of the \
                API; whether the call succeeded stands in `code`, where 200 is success.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas.0,
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer",
                "description": "The token of `api.json`, or a named token with the method's scope.",
            }},
        },
        "x-events": events,
    })
}

fn operation(info: &MethodInfo, schemas: &mut Schemas) -> Value {
    let request = schemas.add(info.request_schema);
    let response = schemas.add(info.response_schema);
    json!({
        "operationId": format!("{}.{}", info.module, info.method),
        "tags": [info.module],
        "summary": info.doc.trim(),
        "x-scope": info.scope.name(),
        "x-before-login": info.auth == Auth::Open,
        "requestBody": { "required": false, "content": { "application/json": { "schema": request } } },
        "responses": {
            "200": {
                "description": "The call's answer; `data` is as described where `code` is 200.",
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "required": ["code", "message", "data"],
                    "properties": {
                        "code": { "$ref": "#/components/schemas/Code" },
                        "message": { "type": "string" },
                        "data": response,
                    },
                }}},
            },
            "401": { "description": "No token, or a wrong one." },
            "403": { "description": "The token's scope, the Host or the Origin does not allow it." },
            "413": { "description": "The body is too large." },
            "415": { "description": "The body is not JSON." },
        },
    })
}

fn code_schema() -> Value {
    let numbers: Vec<u16> = ErrorCode::ALL.iter().map(|c| c.number()).collect();
    let lines: Vec<String> = ErrorCode::ALL
        .iter()
        .map(|c| format!("- `{}`: {}", c.number(), c.default_message()))
        .collect();
    json!({ "type": "integer", "enum": numbers, "description": lines.join("\n") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(to)) = members.get("$ref") {
                    found.push(to.clone());
                }
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_served_method_is_described_and_every_reference_leads_somewhere() {
        let document = openapi();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), CATALOG.iter().map(|module| module.len()).sum::<usize>());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let path = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{reference}");
        }
        let login = &paths["/api/login/exportLogin"]["post"];
        assert_eq!(login["x-before-login"], true);
        let value = "/responses/200/content/application~1json/schema/properties/data/$ref";
        assert_eq!(login.pointer(value), Some(&Value::from("#/components/schemas/LoginAnswer")));
    }

    #[test]
    fn one_name_is_one_schema() {
        let mut seen: Vec<(String, Value)> = Vec::new();
        for info in super::super::CONTRACT.iter().copied().flatten() {
            let mut named = Vec::new();
            (info.request_schema)(&mut named);
            (info.response_schema)(&mut named);
            for (name, schema) in named {
                let schema = value(&schema);
                if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
                    assert_eq!(*first, schema, "{name} is two things");
                } else {
                    seen.push((name, schema));
                }
            }
        }
    }
}
