//! The instant issuance agent.

faults! {
    /// What is wrong with an agent.
    AgentFault at Agent {}
}
