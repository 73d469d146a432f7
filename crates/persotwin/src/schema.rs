//! `persotwin schema`: the JSON Schema by which editors complete and check.

use crate::args::Schema;
use crate::exit::{Exit, Stop};
use crate::output;

/// Prints the schema.
pub(crate) fn schema(args: &Schema) -> Result<Exit, Stop> {
    let schema = if args.tenant {
        persotwin_scenario::tenant_schema()
    } else {
        persotwin_scenario::schema()
    };
    let text =
        serde_json::to_string_pretty(&schema).map_err(|error| Stop::twin(error.to_string()))?;
    output::print(&format!("{text}\n"));
    Ok(Exit::Ok)
}
