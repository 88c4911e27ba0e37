//! Checks a value against a schema: as much of JSON Schema as schemars writes for our types, and
//! a panic for anything else.

use serde_json::{Map, Value};

/// Keywords that restrict nothing.
const NOTES: [&str; 6] = ["$schema", "$defs", "title", "description", "default", "format"];

/// Returns what is wrong with a value, a sentence each; nothing if it is as the schema says.
pub(super) fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { root: schema }.value(schema, value, "", &mut found);
    found
}

struct Check<'a> {
    root: &'a Value,
}

impl Check<'_> {
    fn value(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Some(keywords) = schema.as_object() else {
            assert_eq!(schema, &Value::Bool(true), "a schema that nothing matches");
            return;
        };
        for (keyword, says) in keywords {
            match keyword.as_str() {
                "$ref" => self.value(self.defined(says), value, at, found),
                "type" if !has_type(says, value) => found.push(format!("{at} is no {says}")),
                "const" if says != value => found.push(format!("{at} is not {says}")),
                "enum" if !says.as_array().unwrap().contains(value) => {
                    found.push(format!("{at} is none of {says}"));
                }
                "minimum" if value.as_f64() < says.as_f64() => {
                    found.push(format!("{at} is less than {says}"));
                }
                "minItems" if value.as_array().map(Vec::len) < count(says) => {
                    found.push(format!("{at} is shorter than {says}"));
                }
                "maxItems" if value.as_array().map(Vec::len) > count(says) => {
                    found.push(format!("{at} is longer than {says}"));
                }
                "oneOf" | "anyOf" => self.alternatives(keyword, says, value, at, found),
                "required" => required(says, value, at, found),
                "properties" => self.properties(says.as_object().unwrap(), value, at, found),
                "additionalProperties" => self.others(keywords, says, value, at, found),
                "items" | "prefixItems" => self.items(says, value, at, found),
                "type" | "const" | "enum" | "minimum" | "minItems" | "maxItems" => {}
                note => assert!(NOTES.contains(&note), "{note} is not known here"),
            }
        }
    }

    fn defined(&self, reference: &Value) -> &Value {
        let path = reference.as_str().unwrap().trim_start_matches('#');
        self.root.pointer(path).unwrap_or_else(|| panic!("{path} is not defined"))
    }

    fn alternatives(
        &self,
        keyword: &str,
        schemas: &Value,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let mut closest: Option<Vec<String>> = None;
        let mut matching = 0;
        for schema in schemas.as_array().unwrap() {
            let mut errors = Vec::new();
            self.value(schema, value, at, &mut errors);
            matching += usize::from(errors.is_empty());
            if closest.as_ref().is_none_or(|closest| errors.len() < closest.len()) {
                closest = Some(errors);
            }
        }
        match (keyword, matching) {
            (_, 0) => found.extend(closest.unwrap_or_default()),
            ("oneOf", 2..) => found.push(format!("{at} is two things at once")),
            _ => {}
        }
    }

    fn properties(
        &self,
        schemas: &Map<String, Value>,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        for (name, schema) in schemas {
            if let Some(value) = value.get(name) {
                self.value(schema, value, &format!("{at}/{name}"), found);
            }
        }
    }

    /// Fields that the schema does not name.
    fn others(
        &self,
        keywords: &Map<String, Value>,
        schema: &Value,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let named = keywords.get("properties");
        for (name, value) in value.as_object().into_iter().flatten() {
            let is_named = named.is_some_and(|named| named.get(name).is_some());
            match schema {
                _ if is_named => {}
                Value::Bool(false) => found.push(format!("{at}/{name} is not allowed")),
                schema => self.value(schema, value, &format!("{at}/{name}"), found),
            }
        }
    }

    /// Items that all have one schema, or each its own.
    fn items(&self, says: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            let schema = says.as_array().map_or(Some(says), |schemas| schemas.get(index));
            if let Some(schema) = schema {
                self.value(schema, value, &format!("{at}/{index}"), found);
            }
        }
    }
}

fn required(names: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for name in names.as_array().unwrap().iter().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            found.push(format!("{at} has no {name}"));
        }
    }
}

/// True if a value has this type, or one of these.
fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("{other} is no type"),
    };
    match types {
        Value::Array(types) => types.iter().filter_map(Value::as_str).any(is),
        one => is(one.as_str().unwrap()),
    }
}

fn count(limit: &Value) -> Option<usize> {
    limit.as_u64().and_then(|limit| limit.try_into().ok())
}
