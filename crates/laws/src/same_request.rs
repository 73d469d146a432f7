//! D1's idempotency.

use std::collections::BTreeMap;

use persotwin_contract::ids::OperationId;
use persotwin_kernel::event::{Belief, News};
use persotwin_kernel::{Fingerprint, Moment, Record};

use crate::orders::{belief, forgotten_since};
use crate::{Breach, Law};

const NAME: &str = "same-request-same-operation";

/// The same request gets the same operation; other content under the same id gets none.
///
/// Folds D1's `order-accepted` and `order-repeated`: no two operations bear one `issuerRequestId`, no operation is begun twice, and
/// what is answered as a repetition has the content of the operation that it is given.
///
/// What D1 lost with a region it does not know any more, and does not count.
///
/// It does not say what happens to orders without an id: there D1's rule for cards protects, and one-card watches. Nor does it say that
/// two orders with different ids are different wishes.
#[derive(Debug, Default)]
pub(crate) struct SameRequestSameOperation {
    operations: BTreeMap<OperationId, (Fingerprint, Moment)>,
    ids: BTreeMap<String, OperationId>,
}

impl SameRequestSameOperation {
    fn accepted(
        &mut self,
        operation: &OperationId,
        id: Option<&String>,
        content: &Fingerprint,
        at: Moment,
    ) -> Option<String> {
        let known = (content.clone(), at);
        if self.operations.insert(operation.clone(), known).is_some() {
            return Some(format!("{operation} was begun twice"));
        }
        let first = self
            .ids
            .entry(id?.clone())
            .or_insert_with(|| operation.clone());
        (first != operation).then(|| format!("{operation} has the issuerRequestId of {first}"))
    }

    fn repeated(&self, operation: &OperationId, content: &Fingerprint) -> Option<String> {
        match self.operations.get(operation) {
            Some((first, _)) if first == content => None,
            Some(_) => Some(format!(
                "{operation} was given to a request with other content"
            )),
            None => Some(format!("{operation} was repeated before it was accepted")),
        }
    }
}

impl Law for SameRequestSameOperation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sentence(&self) -> &'static str {
        "The same request gets the same operation; other content under the same id gets none."
    }

    fn see(&mut self, record: &Record) -> Option<Breach> {
        if let Some(since) = forgotten_since(record) {
            self.operations.retain(|_, (_, at)| *at <= since);
            self.ids
                .retain(|_, operation| self.operations.contains_key(operation));
        }
        let Belief { about, news } = belief(record)?;
        let operation = about.operation.as_ref()?;
        let how = match news {
            News::OrderAccepted {
                issuer_request_id,
                content,
                ..
            } => {
                let id = issuer_request_id.as_ref();
                self.accepted(operation, id, content, record.moment)
            }
            News::OrderRepeated { content } => self.repeated(operation, content),
            _ => None,
        }?;
        Some(Breach::at(NAME, record, how))
    }

    fn at_rest(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Story, card, news, operation, print, station};
    use persotwin_kernel::event::About;
    use persotwin_link::Machine;

    fn then(operation_id: &str, news: News) -> Story {
        let mut story = Story::happy();
        let about = About::card(&card()).with_operation(&operation(operation_id));
        story.news(Machine::D1, &about, news);
        story
    }

    fn judged(story: &Story) -> usize {
        let mut law = SameRequestSameOperation::default();
        story
            .records()
            .iter()
            .filter_map(|record| law.see(record))
            .count()
    }

    fn accepted(id: Option<&str>, content: &str) -> News {
        News::OrderAccepted {
            issuer_request_id: id.map(str::to_owned),
            station: station(),
            content: print(content),
        }
    }

    fn repeated(content: &str) -> News {
        News::OrderRepeated {
            content: print(content),
        }
    }

    #[test]
    fn one_id_has_one_operation() {
        assert_eq!(judged(&then("op-2", accepted(Some("r-1"), "content"))), 1);
        assert_eq!(judged(&then("op-2", accepted(Some("r-1"), "changed"))), 1);
        assert_eq!(judged(&then("op-1", accepted(Some("r-2"), "content"))), 1);
        assert_eq!(judged(&then("op-2", accepted(Some("r-2"), "content"))), 0);
        assert_eq!(judged(&then("op-2", accepted(None, "content"))), 0);
    }

    #[test]
    fn a_repetition_has_the_content_of_its_operation() {
        assert!(then("op-1", repeated("content")).broken().is_empty());
        assert_eq!(then("op-1", repeated("changed")).broken(), [NAME]);
        assert_eq!(judged(&then("op-9", repeated("content"))), 1);
        let unknown = then("op-1", repeated("content"))
            .without(news(|news| matches!(news, News::OrderAccepted { .. })));
        assert_eq!(judged(&unknown), 1);
    }
}
