//! The streams that carry HTTP: sockets on loopback, with or without the clock guard, or pipes in memory.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use persotwin_kernel::{Door, End, Guard, TimeScale};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

/// What messages travel on.
#[derive(Debug, Clone)]
pub enum Medium {
    /// Sockets on 127.0.0.1 in virtual time, held exact by the guard.
    Loopback(Guard),
    /// Sockets on 127.0.0.1 in real time, or so many times as fast.
    RealTime(TimeScale),
    /// Pipes in memory.
    InProcess,
}

/// How many bytes a pipe in memory holds.
const PIPE: usize = 64 * 1024;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;

/// One end of a connection.
#[derive(Debug)]
pub(crate) enum Io {
    Socket(TcpStream),
    Guarded(Guarded),
    Pipe(DuplexStream),
}

/// A socket that keeps the guard's books.
#[derive(Debug)]
pub(crate) struct Guarded {
    // Dropped before the end's books are closed.
    socket: TcpStream,
    end: End,
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Pipe(pipe) => Pin::new(pipe).poll_read(cx, buf),
            Self::Guarded(Guarded { socket, end }) => {
                let before = buf.filled().len();
                match Pin::new(socket).poll_read(cx, buf) {
                    Poll::Pending => {
                        end.waits_to_read();
                        Poll::Pending
                    }
                    Poll::Ready(Ok(())) => {
                        end.read(buf.filled().len() - before);
                        Poll::Ready(Ok(()))
                    }
                    Poll::Ready(Err(error)) => {
                        end.failed();
                        Poll::Ready(Err(error))
                    }
                }
            }
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Pipe(pipe) => Pin::new(pipe).poll_write(cx, buf),
            Self::Guarded(Guarded { socket, end }) => match Pin::new(socket).poll_write(cx, buf) {
                Poll::Pending => {
                    end.waits_to_write();
                    Poll::Pending
                }
                Poll::Ready(Ok(written)) => {
                    end.wrote(written);
                    Poll::Ready(Ok(written))
                }
                Poll::Ready(Err(error)) => {
                    end.failed();
                    Poll::Ready(Err(error))
                }
            },
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) | Self::Guarded(Guarded { socket, .. }) => {
                Pin::new(socket).poll_flush(cx)
            }
            Self::Pipe(pipe) => Pin::new(pipe).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Pipe(pipe) => Pin::new(pipe).poll_shutdown(cx),
            Self::Guarded(Guarded { socket, end }) => {
                let done = ready!(Pin::new(socket).poll_shutdown(cx));
                end.closed();
                Poll::Ready(done)
            }
        }
    }
}

/// Connects to a stranger's listener.
pub(crate) async fn connect_to_stranger(server: SocketAddr) -> io::Result<Io> {
    let socket = TcpStream::connect(server).await?;
    socket.set_nodelay(true)?;
    Ok(Io::Socket(socket))
}

/// Connects to a listener of the same world; tells the address it comes from before anybody can see it come.
pub(crate) async fn connect(
    medium: &Medium,
    server: SocketAddr,
    comes_from: impl FnOnce(SocketAddr),
) -> io::Result<Io> {
    // Bound first, so that both ends know each other's books before the operating system introduces them.
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    comes_from(socket.local_addr()?);
    let Medium::Loopback(guard) = medium else {
        let socket = socket.connect(server).await?;
        socket.set_nodelay(true)?;
        return Ok(Io::Socket(socket));
    };
    let mut end = guard.connecting(socket.local_addr()?, server);
    let socket = socket.connect(server).await?;
    socket.set_nodelay(true)?;
    end.connected();
    Ok(Io::Guarded(Guarded { socket, end }))
}

/// Where connections come in.
#[derive(Debug)]
pub(crate) enum Listener {
    Socket(TcpListener),
    Guarded(TcpListener, Door),
    Pipes(mpsc::UnboundedReceiver<DuplexStream>),
}

impl Listener {
    /// The next connection, and where it comes from if it has an address. An error concerns one connection, or a passing shortage.
    pub(crate) async fn accept(&mut self) -> io::Result<(Io, Option<SocketAddr>)> {
        match self {
            Self::Socket(listener) => {
                let (socket, peer) = listener.accept().await?;
                socket.set_nodelay(true)?;
                Ok((Io::Socket(socket), Some(peer)))
            }
            Self::Guarded(listener, door) => {
                door.waits();
                let (socket, client) = listener.accept().await?;
                let end = door.accepted(client);
                socket.set_nodelay(true)?;
                Ok((Io::Guarded(Guarded { socket, end }), Some(client)))
            }
            Self::Pipes(pipes) => match pipes.recv().await {
                Some(pipe) => Ok((Io::Pipe(pipe), None)),
                None => std::future::pending().await,
            },
        }
    }
}

/// An address that stays ours while nobody listens: bound, so that calls are refused and nobody else gets it.
#[derive(Debug)]
pub(crate) struct Reserved {
    _socket: TcpSocket,
    pub(crate) address: SocketAddr,
}

/// Reserves a port on 127.0.0.1; 0 means any.
pub(crate) fn reserve(port: u16) -> io::Result<Reserved> {
    if port != 0 {
        // Address sharing is only between our own sockets: a port that somebody else has must fail.
        drop(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?);
    }
    let socket = shared_socket((Ipv4Addr::LOCALHOST, port).into())?;
    let address = socket.local_addr()?;
    Ok(Reserved {
        _socket: socket,
        address,
    })
}

/// Listens at a reserved address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    shared_socket(address)?.listen(BACKLOG)
}

fn shared_socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// The two ends of a pipe.
pub(crate) fn pipe() -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(PIPE)
}
