//! Without faults and actions.

use super::Search;
use crate::draft::Draft;

/// Leaves away actions, then faults: first many at once, then fewer, then one by one.
pub(super) fn shrink(search: &mut Search<'_>) {
    halves(
        search,
        |draft| draft.operator.len(),
        |draft, n| {
            let id = draft.operator[n].text("id").map(str::to_owned);
            let mut draft = draft.clone();
            draft.operator.remove(n);
            id.map_or(draft.clone(), |id| draft.without(&id))
        },
    );
    halves(
        search,
        |draft| draft.faults.len(),
        |draft, n| {
            let id = draft.faults[n].text("id").map(str::to_owned);
            let mut draft = draft.clone();
            draft.faults.remove(n);
            id.map_or(draft.clone(), |id| draft.without(&id))
        },
    );
}

/// Leaves away runs of items, long runs first.
fn halves(
    search: &mut Search<'_>,
    count: impl Fn(&Draft) -> usize,
    without: impl Fn(&Draft, usize) -> Draft,
) {
    let mut run = count(&search.best).div_ceil(2);
    while run > 0 {
        let mut end = count(&search.best);
        // From the end on, so that places before it stay.
        while end > 0 {
            let start = end.saturating_sub(run);
            let mut candidate = search.best.clone();
            for n in (start..end).rev() {
                if n < count(&candidate) {
                    candidate = without(&candidate, n);
                }
            }
            search.tries(candidate);
            end = start.min(count(&search.best));
        }
        run /= 2;
    }
}
