//! Blanks, and the book of them.

faults! {
    /// What is wrong with the stock.
    StockFault at Stock {}
}
