//! The instant issuance agent.

faults! {
    /// What is wrong with an agent.
    AgentFault at Agent {
        /// The agent is in service mode and takes no job.
        "service-mode" = ServiceMode
        => [Dispatch] live, "A delay; CARD_PROD_EXCEPTION with SAT_SERVER_NOT_REACHABLE if it lasts.";
        /// D1 takes the station's enrolment back.
        "station-disabled" = Disabled
        => [Dispatch Produce] live, "CARD_PROD_EXCEPTION: with SAT_AUTHENTICATION_FAILED before the job was sent, with SAT_NO_REPORT after it.";
        /// The agent cannot decrypt the production data.
        "cannot-decrypt" = CannotDecrypt
        => [Dispatch] live, "CARD_PROD_EXCEPTION with PRD_UNEXPECTED_DATA.";
        /// The job that arrives is another station's.
        "wrong-station" = WrongStation
        => [Dispatch] live, "CARD_PROD_EXCEPTION with SAT_AUTHENTICATION_FAILED: the agent makes no card for another station.";
    }
}
