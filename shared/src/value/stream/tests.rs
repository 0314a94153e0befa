use proptest::prelude::*;

use super::*;

/// A pod with so much in it.
fn pod(name: &str, more: usize) -> Vec<u8> {
    let mut metadata = Vec::new();
    wire::put_bytes(&mut metadata, 1, name.as_bytes());
    // managedFields
    wire::put_bytes(&mut metadata, 17, &vec![b'x'; more]);
    let mut pod = Vec::new();
    wire::put_bytes(&mut pod, 1, &metadata);
    pod
}

fn envelope(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    wire::put_bytes(&mut types, 1, api_version.as_bytes());
    wire::put_bytes(&mut types, 2, kind.as_bytes());
    let mut body = Envelope::MAGIC.to_vec();
    wire::put_bytes(&mut body, 1, &types);
    wire::put_bytes(&mut body, 2, raw);
    wire::put_bytes(&mut body, 3, b"");
    wire::put_bytes(&mut body, 4, b"");
    body
}

fn list() -> Vec<u8> {
    let mut head = Vec::new();
    wire::put_bytes(&mut head, 1, b"");
    wire::put_bytes(&mut head, 2, b"77");
    wire::put_bytes(&mut head, 3, b"next");
    head.extend_from_slice(&[4 << 3, 3]);
    let mut list = Vec::new();
    wire::put_bytes(&mut list, 1, &head);
    for (name, more) in [("a", 0), ("b", 300), ("c", 1)] {
        wire::put_bytes(&mut list, 2, &pod(name, more));
    }
    envelope("v1", "PodList", &list)
}

fn watch() -> Vec<u8> {
    let mut stream = Vec::new();
    for (kind, name) in [("ADDED", "a"), ("DELETED", "b")] {
        let (mut raw, mut event) = (Vec::new(), Vec::new());
        wire::put_bytes(&mut raw, 1, &envelope("v1", "Pod", &pod(name, 200)));
        wire::put_bytes(&mut event, 1, kind.as_bytes());
        wire::put_bytes(&mut event, 2, &raw);
        let length = u32::try_from(event.len()).expect("a short event");
        stream.extend_from_slice(&length.to_be_bytes());
        stream.extend_from_slice(&event);
    }
    stream
}

fn read_list<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (String, Result<ListHead, Broken>) {
    let mut reader = ListReader::default();
    let mut names = Vec::new();
    for chunk in chunks {
        reader.push(chunk, |item| {
            let item = item.read();
            names.push(item.name().into_owned());
        });
    }
    (names.join(" "), reader.finish())
}

fn read_watch<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (String, Result<(), Broken>) {
    let mut reader = EventReader::default();
    let mut events = Vec::new();
    for chunk in chunks {
        reader.push(chunk, |event| {
            events.push(format!("{} {}", event.kind, event.object.name()));
            true
        });
    }
    (events.join(", "), reader.finish())
}

#[test]
fn any_cut_gives_the_same() {
    let (list, watch) = (list(), watch());
    for size in 1..list.len() {
        let (names, head) = read_list(list.chunks(size));
        let head = head.expect("it is whole");
        assert_eq!(
            (
                names.as_str(),
                head.version.as_str(),
                head.token.as_str(),
                head.remaining
            ),
            ("a b c", "77", "next", Some(3)),
            "chunks of {size}"
        );
        assert_eq!(
            read_watch(watch.chunks(size)),
            ("ADDED a, DELETED b".to_owned(), Ok(())),
            "chunks of {size}"
        );
    }
}

#[test]
fn what_is_cut_off_says_so_and_keeps_what_was_whole() {
    let (list, watch) = (list(), watch());
    let ends = |whole: &[u8]| whole.len() - 4;
    // The last four bytes are two empty fields of the envelope, of two bytes each.
    for end in (0..list.len()).filter(|end| *end != ends(&list) && *end != list.len() - 2) {
        assert_eq!(read_list(list[..end].chunks(7)).1, Err(Broken::Incomplete));
    }
    assert_eq!(read_list(list[..ends(&list)].chunks(9)).0, "a b c");
    let first = watch.len() / 2 - 1;
    for end in first + 1..watch.len() {
        let (events, finish) = read_watch(watch[..end].chunks(5));
        assert_eq!(events, "ADDED a");
        assert_eq!(finish, Err(Broken::Incomplete), "{end} of {}", watch.len());
    }
}

#[test]
fn what_makes_no_sense_says_where() {
    let malformed = |body: &[u8]| read_list(std::iter::once(body)).1;
    assert_eq!(malformed(b"k8s1"), Err(Broken::Malformed(0)));
    let mut claims_too_much = list();
    let items = claims_too_much.len() - 4 - pod("c", 1).len() - 1;
    claims_too_much[items] = 0x7f;
    assert_eq!(
        malformed(&claims_too_much),
        Err(Broken::Malformed(items as u64 - 1))
    );
    assert_eq!(
        malformed(&envelope("example.com/v1", "ThingList", b"\x12\x00")),
        Err(Broken::Malformed(35)),
    );
    assert_eq!(
        read_watch(std::iter::once(&b"\0\0\0\x01\x0a\xff\xff\xff\xff"[..])).1,
        Err(Broken::Malformed(0))
    );
}

proptest! {
    #[test]
    fn nothing_is_a_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        size in 1usize..400,
    ) {
        for mut body in [list(), watch()] {
            for (at, byte) in &flips {
                let at = at.index(body.len());
                body[at] ^= byte;
            }
            let _ = read_list(body.chunks(size));
            let _ = read_watch(body.chunks(size));
        }
    }

    /// However a stream is cut, it gives the same objects and the same verdict.
    #[test]
    fn damage_is_found_wherever_it_is_cut(
        flip in (any::<prop::sample::Index>(), any::<u8>()),
        size in 1usize..400,
    ) {
        let mut body = list();
        let at = flip.0.index(body.len());
        body[at] ^= flip.1;
        prop_assert_eq!(read_list(body.chunks(size)), read_list(std::iter::once(body.as_slice())));
    }
}
