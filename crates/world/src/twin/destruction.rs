//! What operators shall destroy, as the agents' books have it.

use axum::Json;
use axum::extract::State;
use persotwin_link::Face;
use persotwin_wire::Call;
use serde_json::{Map, Value};

use super::Twin;

/// Each station's list; null where the agent does not answer now. An agent that is down has lost nothing: the list is in its ledger.
pub(super) async fn list(State(twin): State<Twin>) -> Json<Value> {
    let mut stations = Map::new();
    for station in twin.physicals.keys() {
        let path = format!("/agent/v1/{station}/for-destruction");
        let answer = twin
            .wire
            .call(Call::get(Face::Jobs(station.clone()), &path))
            .await;
        let listed = answer.ok().filter(persotwin_wire::Reply::is_success);
        let cards = listed.and_then(|reply| reply.json::<Value>().ok());
        let cards = cards.map(|mut listed| listed["cards"].take());
        stations.insert(station.to_string(), cards.unwrap_or_default());
    }
    Json(Value::Object(stations))
}
