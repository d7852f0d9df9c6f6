//! `magpie call`: any API method, its parameters and its data as they are.

use crate::{context::Context, error::Error, stdin::stdin};
use serde_json::{Value, json};

/// The largest request that is read from stdin, in bytes; the node takes no larger one.
const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  magpie call contact getContacts\n  \
    magpie call contact isFriend '{\"nodeId\":\"ADDRESS\"}'\n  \
    magpie call login exportLogin - < login.json    (what is secret goes by stdin)")]
pub(crate) struct Call {
    /// The method's module, such as contact
    module: String,
    /// The method, such as getContacts
    method: String,
    /// The parameters, a JSON object; - reads them from stdin
    #[arg(value_name = "JSON|-", default_value = "{}")]
    parameters: String,
}

impl Call {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let text = if self.parameters == "-" { stdin(REQUEST_BYTES_MAX)? } else { self.parameters };
        let body: Value = serde_json::from_str(&text)
            .map_err(|error| Error::Usage(format!("the parameters are no JSON: {error}")))?;
        if !body.is_object() {
            let example = json!({"name": "value"});
            return Err(Error::Usage(format!("the parameters are an object, such as {example}")));
        }
        let data = at.client()?.call(&self.module, &self.method, &body)?;
        at.output.data(&data)
    }
}
