//! The one way out that is not HTTP: a plain connection to something real that a user named, such as a card reader.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::io::connect_to_stranger;

/// Connects to a service that speaks something else than HTTP, in real time. Where it is, its user says; nobody is told of the
/// connection, and no fault strikes it. Dropping the stream closes it.
///
/// # Errors
/// Whatever the operating system says, at once or when its own patience is over.
pub async fn dial(
    address: SocketAddr,
) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>> {
    connect_to_stranger(address).await
}
