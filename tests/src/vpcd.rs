//! A card reader as vpcd is one, written by hand: it listens, a card connects, and every message has two bytes of length in front.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A reader without a card.
#[derive(Debug)]
pub struct CardReader(TcpListener);

/// A reader with a card in it. Dropping it closes the connection.
#[derive(Debug)]
pub struct Inserted(TcpStream);

impl CardReader {
    /// Listens on loopback, at a port of its own.
    pub fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Waits until a card is put in.
    pub fn card(&self) -> Inserted {
        Inserted(self.0.accept().unwrap().0)
    }
}

impl Inserted {
    /// Says something that has no answer.
    pub fn say(&mut self, content: &[u8]) {
        let length = u16::try_from(content.len()).unwrap();
        let message = [&length.to_be_bytes(), content].concat();
        self.0.write_all(&message).unwrap();
    }

    /// Says something and waits for the answer; none if the card goes away instead.
    pub fn ask(&mut self, content: &[u8]) -> Option<Vec<u8>> {
        self.say(content);
        let mut length = [0; 2];
        self.0.read_exact(&mut length).ok()?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut answer).ok()?;
        Some(answer)
    }

    /// Asks for the ATR, as a reader does to see whether a card is there.
    pub fn atr(&mut self) -> Vec<u8> {
        self.ask(&[4]).unwrap()
    }

    /// Switches power on.
    pub fn power_on(&mut self) {
        self.say(&[1]);
    }

    /// Sends a command in hexadecimal; the answer in hexadecimal.
    pub fn command(&mut self, command: &str) -> String {
        let bytes = hex::decode(command.replace(' ', "")).unwrap();
        hex::encode_upper(self.ask(&bytes).expect("the card is gone"))
    }

    /// Waits until the card is taken out.
    pub fn is_empty(mut self) {
        assert_eq!(self.0.read(&mut [0; 16]).unwrap(), 0);
    }
}
