//! A watch as a WebSocket.
//!
//! A browser cannot set headers on a WebSocket, so the token and the media types travel as
//! subprotocols, and one other has to stand beside them for the server to choose.
//!
//! Every message is one event of the watch. What the engine gets is what it would get by HTTP:
//! JSON on a line of its own, protobuf behind its length.

use std::cell::Cell;
use std::rc::Rc;

use k8kat::engine::{Head, RequestId};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::transport::{Event, Sink, Way};

const PROTOCOL: &str = "kapi.watch";

/// Dropping it closes it.
pub(crate) struct Socket {
    socket: Option<WebSocket>,
    _on_open: Closure<dyn Fn()>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens it; `never_opened` is called, once and later, when it fails before it opens.
    pub(crate) fn open(
        way: &Way,
        id: RequestId,
        path: &str,
        accept: &str,
        never_opened: Box<dyn FnOnce()>,
    ) -> Self {
        let opened = Rc::new(Cell::new(false));
        let on_open = on_open(id, &way.sink, Rc::clone(&opened));
        let on_message = on_message(id, &way.sink);
        let mut never_opened = Some(never_opened);
        let sink = Sink::clone(&way.sink);
        let on_close = Closure::<dyn FnMut(_)>::new(move |event: CloseEvent| {
            if opened.get() {
                sink(id, last(&event));
            } else if let Some(call) = never_opened.take() {
                call();
            }
        });
        let url = address(&way.base, path);
        let socket =
            WebSocket::new_with_str_sequence(&url, &protocols(way.token.as_deref(), accept)).ok();
        if let Some(socket) = &socket {
            socket.set_binary_type(BinaryType::Arraybuffer);
            socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
            socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        } else {
            let sink = Sink::clone(&way.sink);
            wasm_bindgen_futures::spawn_local(async move {
                let error = format!("the browser refuses a WebSocket to {url}");
                sink(id, Event::Failed(error));
            });
        }
        Self {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            socket.set_onopen(None);
            socket.set_onmessage(None);
            socket.set_onclose(None);
            // Closing what is closed already is no error.
            let _ = socket.close();
        }
    }
}

fn on_open(id: RequestId, sink: &Sink, opened: Rc<Cell<bool>>) -> Closure<dyn Fn()> {
    let sink = Sink::clone(sink);
    Closure::new(move || {
        opened.set(true);
        let head = Head {
            status: 200,
            ..Head::default()
        };
        sink(id, Event::Head(head));
    })
}

fn on_message(id: RequestId, sink: &Sink) -> Closure<dyn Fn(MessageEvent)> {
    let sink = Sink::clone(sink);
    Closure::new(move |event: MessageEvent| {
        let data = event.data();
        let bytes = match data.as_string() {
            Some(text) => {
                let mut bytes = text.into_bytes();
                bytes.push(b'\n');
                bytes
            }
            None => framed(&js_sys::Uint8Array::new(&data)),
        };
        sink(id, Event::Chunk(bytes));
    })
}

/// The bytes behind their length in four bytes, the largest first.
fn framed(bytes: &js_sys::Uint8Array) -> Vec<u8> {
    let mut framed = vec![0; 4 + bytes.length() as usize];
    framed[..4].copy_from_slice(&bytes.length().to_be_bytes());
    bytes.copy_to(&mut framed[4..]);
    framed
}

fn last(event: &CloseEvent) -> Event {
    match event.code() {
        1000 | 1001 => Event::End,
        code if event.reason().is_empty() => {
            Event::Failed(format!("the connection broke off (WebSocket code {code})"))
        }
        code => Event::Failed(format!("{} (WebSocket code {code})", event.reason())),
    }
}

fn address(base: &str, path: &str) -> String {
    // `http` becomes `ws` and `https` becomes `wss`.
    match base.strip_prefix("http") {
        Some(rest) => format!("ws{rest}{path}"),
        None => format!("{base}{path}"),
    }
}

fn protocols(token: Option<&str>, accept: &str) -> JsValue {
    let list = js_sys::Array::new();
    if let Some(token) = token {
        let token = base64url(token.as_bytes());
        list.push(&format!("base64url.bearer.authorization.k8s.io.{token}").into());
    }
    let accept = base64url(accept.as_bytes());
    list.push(&format!("base64url.accept.kapi.{accept}").into());
    list.push(&PROTOCOL.into());
    list.into()
}

/// RFC 4648 §5 without padding: the only form that a subprotocol's name can hold.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=group.len() {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(char::from(DIGITS[value as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_encoded_without_padding() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("~~~???", "fn5-Pz8_"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_watch_keeps_host_and_path() {
        assert_eq!(
            address("https://kapi.example/clusters/a", "/api/v1/pods?watch=1"),
            "wss://kapi.example/clusters/a/api/v1/pods?watch=1"
        );
    }
}
