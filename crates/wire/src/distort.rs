//! What can happen to the bytes of a stream: drip, cut, stall.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use persotwin_kernel::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::io::Io;

/// What happens to a stream in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distortion {
    /// The caller's bytes, or the answer's.
    pub way: Way,
    /// What happens.
    pub(crate) kind: Kind,
}

/// A direction, as the caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From caller to callee.
    Request,
    /// From callee to caller.
    Answer,
}

/// What happens to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Drip { bytes: usize, every: Duration },
    Cut { after: usize },
    Stall { after: usize },
}

impl Distortion {
    /// So many bytes at a time.
    pub fn drip(way: Way, bytes: usize, every: Duration) -> Self {
        Self {
            way,
            kind: Kind::Drip {
                bytes: bytes.max(1),
                every,
            },
        }
    }

    /// Whether all of it arrives, later.
    pub(crate) fn delays(self) -> bool {
        matches!(self.kind, Kind::Drip { .. })
    }

    /// The connection closes after so many bytes.
    pub fn cut(way: Way, after: usize) -> Self {
        Self {
            way,
            kind: Kind::Cut { after },
        }
    }

    /// Nothing more moves after so many bytes.
    pub fn stall(way: Way, after: usize) -> Self {
        Self {
            way,
            kind: Kind::Stall { after },
        }
    }

    /// The same in a world of another time scale.
    pub(crate) fn in_time_of(self, clock: &Clock) -> Self {
        let kind = match self.kind {
            Kind::Drip { bytes, every } => {
                let every = clock.outside(every);
                Kind::Drip { bytes, every }
            }
            same @ (Kind::Cut { .. } | Kind::Stall { .. }) => same,
        };
        Self { kind, ..self }
    }

    /// In one word, for journals.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Drip { .. } => "drip",
            Kind::Cut { .. } => "cut",
            Kind::Stall { .. } => "stall",
        }
    }
}

/// A stream whose bytes suffer in one direction.
#[derive(Debug)]
pub(crate) struct Distorted {
    inner: Io,
    distortion: Distortion,
    passed: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

/// What may pass now.
enum Gate {
    Open(usize),
    Closed,
}

impl Distorted {
    pub(crate) fn new(inner: Io, distortion: Distortion) -> Self {
        Self {
            inner,
            distortion,
            passed: 0,
            pause: None,
        }
    }

    fn gate(&mut self, way: Way, cx: &mut Context<'_>) -> Poll<Gate> {
        if self.distortion.way != way {
            return Poll::Ready(Gate::Open(usize::MAX));
        }
        match self.distortion.kind {
            Kind::Cut { after } if self.passed >= after => Poll::Ready(Gate::Closed),
            Kind::Stall { after } if self.passed >= after => Poll::Pending,
            Kind::Cut { after } | Kind::Stall { after } => {
                Poll::Ready(Gate::Open(after - self.passed))
            }
            Kind::Drip { bytes, .. } => {
                if let Some(pause) = &mut self.pause {
                    ready!(pause.as_mut().poll(cx));
                    self.pause = None;
                }
                Poll::Ready(Gate::Open(bytes))
            }
        }
    }

    fn passed(&mut self, way: Way, bytes: usize) {
        if self.distortion.way != way {
            return;
        }
        self.passed += bytes;
        if let Kind::Drip { every, .. } = self.distortion.kind
            && bytes > 0
        {
            self.pause = Some(Box::pin(tokio::time::sleep_until(Instant::now() + every)));
        }
    }
}

impl AsyncRead for Distorted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = match ready!(self.gate(Way::Answer, cx)) {
            Gate::Closed => return Poll::Ready(Ok(())),
            Gate::Open(room) => room.min(buf.remaining()),
        };
        let mut part = vec![0; room.min(64 * 1024)];
        let mut window = ReadBuf::new(&mut part);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut window))?;
        buf.put_slice(window.filled());
        self.passed(Way::Answer, window.filled().len());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Distorted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let room = match ready!(self.gate(Way::Request, cx)) {
            Gate::Closed => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Gate::Open(room) => room.min(buf.len()),
        };
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &buf[..room]))?;
        self.passed(Way::Request, written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
