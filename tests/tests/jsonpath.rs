//! JSONPath: what `kubectl -o jsonpath` prints of an object, and how it fails, is what a template
//! of the engine prints and fails with. No API server is needed: `kubectl label --local` prints the
//! object of a file.

use std::path::Path;
use std::process::{Command, Output};

use k8kat::value::Value;
use k8kat::value::jsonpath::Template;
use kapi_tests::{chance, kubectl};
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore};
use serde_json::json;
use tempfile::NamedTempFile;

/// How many objects there are, and templates for each.
const OBJECTS: usize = 12;
const TEMPLATES: usize = 160;

/// How many of those that fail are tried in the same way: kubectl is started for each.
const ALIKE: usize = 3;

/// Between the outputs of templates that kubectl fills in at once.
const SEPARATOR: char = '\u{1e}';

#[test]
fn generated_templates_print_and_fail_as_in_kubectl() {
    let Some(program) = kubectl() else { return };
    let mut chance = chance();
    let mut failing = Vec::new();
    let mut printing = 0;
    for _ in 0..OBJECTS {
        let object = Object::new(&program, object(&mut chance));
        let templates: Vec<_> = (0..TEMPLATES).map(|_| template(&mut chance, 2)).collect();
        let (prints, fails): (Vec<_>, Vec<_>) = templates
            .into_iter()
            .filter(|template| !template.is_empty() && !fails_by_chance(template))
            .partition(|template| object.ours(template).is_ok());
        object.check_together(&prints);
        printing += prints.len();
        failing.extend(fails.into_iter().map(|template| (object.clone(), template)));
    }
    let failing = different(failing);
    eprintln!("{printing} templates print, {} fail", failing.len());
    assert!(printing > 300 && failing.len() > 80, "too few are tried");
    // Two at once, as kubectl mostly waits.
    std::thread::scope(|scope| {
        for half in failing.chunks(failing.len().div_ceil(2)) {
            scope.spawn(move || {
                for (object, template) in half {
                    object.check(template);
                }
            });
        }
    });
}

/// Of those that fail in the same way, only some.
fn different(failing: Vec<(Object, String)>) -> Vec<(Object, String)> {
    let mut times = std::collections::HashMap::new();
    let is_rare = |(object, template): &(Object, String)| {
        let message = object.ours(template).unwrap_err();
        let times = times.entry(message).or_insert(0);
        *times += 1;
        *times <= ALIKE
    };
    failing.into_iter().filter(is_rare).collect()
}

/// The examples of <https://kubernetes.io/docs/reference/kubectl/jsonpath/>, with another name for
/// `items`: kubectl would take the object for a list.
#[test]
fn the_documented_examples_print_as_in_kubectl() {
    let Some(program) = kubectl() else { return };
    let item = |name: &str, cpu: &str, addresses| {
        json!({"kind": "None", "metadata": {"name": name},
               "status": {"capacity": {"cpu": cpu}, "addresses": addresses}})
    };
    let mut first = item(
        "127.0.0.1",
        "4",
        json!([{"type": "LegacyHostIP", "address": "127.0.0.1"}]),
    );
    first["metadata"]["labels"] = json!({"kubernetes.io/hostname": "127.0.0.1"});
    let second = item(
        "127.0.0.2",
        "8",
        json!([{"type": "LegacyHostIP", "address": "127.0.0.2"}, {"type": "another", "address": "127.0.0.3"}]),
    );
    let object = Object::new(
        &program,
        json!({
            "things": [first, second],
            "users": [
                {"name": "myself", "user": {}},
                {"name": "e2e", "user": {"username": "admin", "password": "secret"}},
            ],
        }),
    );
    for template in [
        "kind is {.kind}",
        "{@}",
        "{.kind}",
        "{['kind']}",
        "{['name\\.type']}",
        "{..name}",
        "{.things[*].metadata.name}",
        "{.users[0].name}",
        "{.things[*]['metadata.name', 'status.capacity']}",
        "{.users[?(@.name==\"e2e\")].user.password}",
        "{range .things[*]}[{.metadata.name}, {.status.capacity}] {end}",
        "{range .things[*]}{.metadata.name}{'\\t'}{end}",
        "{.things[0].metadata.labels.kubernetes\\.io/hostname}",
        "{.things[0]}",
        "{.things[0].metadata.name}",
        "{range .things[*]}{.metadata.name}{\"\\t\"}{.status.startTime}{\"\\n\"}{end}",
        // The page has it as one that does not work.
        "{.things[?(@.metadata.name=~/^test$/)].metadata.name}",
    ] {
        object.check(template);
    }
}

/// An object in a file, and who prints it.
#[derive(Clone)]
struct Object {
    kubectl: std::sync::Arc<Path>,
    json: String,
    file: std::sync::Arc<NamedTempFile>,
}

impl Object {
    fn new(kubectl: &Path, mut content: serde_json::Value) -> Self {
        content["apiVersion"] = "example.com/v1".into();
        content["kind"] = "Example".into();
        // With the label that kubectl is told to set.
        content["metadata"] = json!({"name": "example", "labels": {"z": "1"}});
        let json = content.to_string();
        let file = NamedTempFile::with_suffix(".json").expect("a temporary file");
        std::fs::write(file.path(), &json).expect("the object is written");
        Self {
            kubectl: kubectl.into(),
            json,
            file: std::sync::Arc::new(file),
        }
    }

    fn ours(&self, template: &str) -> Result<String, String> {
        Template::parse(template)?.print(Value::json(self.json.as_bytes()))
    }

    /// What kubectl prints, or the error in its message.
    fn theirs(&self, template: &str) -> Result<String, String> {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(&*self.kubectl)
            .env("KUBECONFIG", "/dev/null")
            .env("KUBERC", "off")
            .args(["label", "--local", "z=1", "-f"])
            .arg(self.file.path())
            .arg(format!("-ojsonpath={template}"))
            .output()
            .expect("kubectl runs");
        if status.success() {
            return Ok(String::from_utf8_lossy(&stdout).into_owned());
        }
        let message = String::from_utf8_lossy(&stderr).into_owned();
        let parsing = format!("error: error parsing jsonpath {template}, ");
        let executing = message.split_once("Error executing template: ");
        Err(match (message.strip_prefix(&parsing), executing) {
            (Some(error), _) => error.trim_end().to_owned(),
            (None, Some((_, error))) => {
                let (error, _) = error
                    .split_once(". Printing more information")
                    .expect("kubectl says more");
                error.to_owned()
            }
            // It has a few of these, too.
            (None, None) if message.starts_with("panic: ") => "panic".to_owned(),
            (None, None) => panic!("kubectl fails at {template:?} with {message}"),
        })
    }

    /// Templates that print something, filled in together.
    fn check_together(&self, templates: &[String]) {
        let together: String = templates
            .iter()
            .flat_map(|template| [template.as_str(), "\u{1e}"])
            .collect();
        let (ours, theirs) = (self.ours(&together), self.theirs(&together));
        if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
            let (ours, theirs): (Vec<_>, Vec<_>) = (
                ours.split(SEPARATOR).collect(),
                theirs.split(SEPARATOR).collect(),
            );
            let mut printed = templates.iter().zip(ours.iter().zip(&theirs));
            if ours.len() == theirs.len()
                && printed.all(|(template, (ours, theirs))| are_alike(template, ours, theirs))
            {
                return;
            }
        }
        // One by one, to name the one that differs.
        for template in templates {
            self.check(template);
        }
        // A range that stays open takes its neighbours in, and what it prints is then no one's.
        if let (Ok(ours), Ok(theirs)) = (&ours, &theirs)
            && are_alike(&together, ours, theirs)
        {
            return;
        }
        assert_eq!(ours, theirs, "{together}\nof {}", self.json);
    }

    fn check(&self, template: &str) {
        let (ours, theirs) = (self.ours(template), self.theirs(template));
        let is_alike = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => are_alike(template, ours, theirs),
            (Err(ours), Err(theirs)) => {
                // kubectl prints the value that is no list, here its type is named.
                let not_filtered = |message: &str| message.ends_with(" cannot be filtered");
                ours == theirs
                    || theirs == "panic"
                    || is_unordered(template)
                    || not_filtered(ours) && not_filtered(theirs)
            }
            _ => false,
        };
        assert!(
            is_alike,
            "{template:?}\nprints {ours:?}\nand in kubectl {theirs:?}\nof {}",
            self.json
        );
    }
}

/// Go walks maps in random order, so that of such a template only the letters are the same.
fn are_alike(template: &str, ours: &str, theirs: &str) -> bool {
    let letters = |text: &str| {
        let mut letters: Vec<_> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    ours == theirs || is_unordered(template) && letters(ours) == letters(theirs)
}

/// Whether brackets follow what has no order: then the value that comes first decides how it ends.
fn fails_by_chance(template: &str) -> bool {
    template.split('}').any(|action| {
        let unordered = action.find("..").or_else(|| action.find(".*"));
        unordered.is_some_and(|at| action[at..].contains('['))
    })
}

fn is_unordered(template: &str) -> bool {
    template.contains(".*") || template.contains("..")
}

fn one_of<'a>(chance: &mut impl RngCore, choices: &[&'a str]) -> &'a str {
    choices.choose(chance).copied().unwrap_or_default()
}

fn object(chance: &mut impl RngCore) -> serde_json::Value {
    let mut object = json!({});
    for name in ["a", "b", "c", "a.b"] {
        object[name] = value(chance, 3);
    }
    let list = (0..chance.random_range(0..4)).map(|_| {
        let number = one_of(chance, &["1", "2", "3.5", "\"1\"", "null", "true"]);
        json!({
            "name": one_of(chance, &["web", "a", "b"]),
            "n": serde_json::from_str::<serde_json::Value>(number).expect("JSON"),
            "c": value(chance, 1),
        })
    });
    object["l"] = list.collect();
    object
}

fn value(chance: &mut impl RngCore, depth: usize) -> serde_json::Value {
    let shape = chance.random_range(0..10);
    if depth > 0 && shape < 4 {
        let mut map = json!({});
        for _ in 0..chance.random_range(0..4) {
            map[one_of(chance, &["a", "b", "c", "a.b", "x/y", "n"])] = value(chance, depth - 1);
        }
        return map;
    }
    if depth > 0 && shape < 7 {
        return (0..chance.random_range(0..4))
            .map(|_| value(chance, depth - 1))
            .collect();
    }
    let leaf = [
        "null",
        "true",
        "false",
        "0",
        "5",
        "-3",
        "1.5",
        "1e21",
        "0.00001",
        "123456789.5",
        "1e6",
        "\"\"",
        "\"a\"",
        "\"web\"",
        "\"a b\"",
        "\"<&>\"",
        "\"é\\n\\u2028\\u0001\"",
        "\"5\"",
    ];
    serde_json::from_str(one_of(chance, &leaf)).expect("JSON")
}

fn template(chance: &mut impl RngCore, depth: usize) -> String {
    let mut template = String::new();
    for _ in 0..chance.random_range(1..4) {
        if depth > 0 && chance.random_ratio(1, 4) {
            let path = path(chance);
            let inner = self::template(chance, depth - 1);
            template.push_str(&format!("{{range {path}}}{inner}{{end}}"));
        } else {
            template.push_str(&action(chance));
        }
    }
    if chance.random_ratio(1, 30) {
        let places: Vec<_> = template.char_indices().map(|(at, _)| at).collect();
        let at = places.choose(chance).copied().unwrap_or_default();
        let broken = [
            "{", "}", "[", "]", "(", ")", ".", "'", "\"", "\\", "@", "?", "*", ":", ",", "=", "<",
            "!", "é", "\t", "\n",
        ];
        template.insert_str(at, one_of(chance, &broken));
    }
    template
}

fn action(chance: &mut impl RngCore) -> String {
    let blank = one_of(chance, &["", "", " "]);
    match chance.random_range(0..20) {
        0..14 => format!("{{{blank}{}{blank}}}", path(chance)),
        14..16 => format!("{{{}}}", literal(chance)),
        16 => format!("{{{} {}}}", path(chance), literal(chance)),
        _ => {
            let others = [
                "{\"\\n\"}",
                "{'\\t'}",
                "{}",
                "{@}",
                "text",
                "{.a",
                "}",
                "{end}",
                "{foo}",
                "{true}",
                " ",
            ];
            one_of(chance, &others).to_owned()
        }
    }
}

/// What leads to several values of a map stands last: what follows would meet them in any order.
fn path(chance: &mut impl RngCore) -> String {
    let mut path = one_of(chance, &["", "$", "@", ".l", ".l[*]"]).to_owned();
    for _ in 0..chance.random_range(1..4) {
        if chance.random_ratio(3, 5) {
            path.push('.');
            path.push_str(name(chance));
        } else {
            path.push_str(&brackets(chance));
        }
    }
    match chance.random_range(0..12) {
        0 => path.push_str(".*"),
        1 => path.push_str(&["..", name(chance)].concat()),
        _ => {}
    }
    path
}

fn name<'a>(chance: &mut impl RngCore) -> &'a str {
    one_of(
        chance,
        &[
            "a", "b", "c", "l", "l", "l", "name", "n", "a\\.b", "x\\/y", "zz", "",
        ],
    )
}

fn brackets(chance: &mut impl RngCore) -> String {
    match chance.random_range(0..20) {
        0..6 => "[*]".to_owned(),
        6..9 => format!("[{}]", chance.random_range(-3..4)),
        9..12 => {
            let start = one_of(chance, &["", "0", "1", "-1", "-"]);
            let end = one_of(chance, &["", "1", "2", "-1", "0"]);
            let step = one_of(chance, &["", "", ":", ":1", ":2", ":0", ":-1"]);
            format!("[{start}:{end}{step}]")
        }
        12..14 => {
            let ways = [
                "0", "1", "-1", "'a'", "'b'", "'a\\.b'", "*", " 0", "'l.n'", "x",
            ];
            format!("[{},{}]", one_of(chance, &ways), one_of(chance, &ways))
        }
        14 => format!("['{}']", name(chance)),
        15..19 => {
            let left = one_of(
                chance,
                &["@.name", "@.n", "@.n", ".name", "@", "@.c.a", "@.zz", "@.l"],
            );
            let sign = one_of(
                chance,
                &["==", "==", "!=", "<", ">", "<=", ">=", "=", " == "],
            );
            if chance.random_ratio(1, 5) {
                format!("[?({left})]")
            } else {
                format!("[?({left}{sign}{})]", literal(chance))
            }
        }
        _ => one_of(
            chance,
            &["[]", "[", "[a]", "[?(", "[1:2:3:4]", "[?@.a]", "[\"a\"]"],
        )
        .to_owned(),
    }
}

fn literal<'a>(chance: &mut impl RngCore) -> &'a str {
    let literals = [
        "\"web\"",
        "'web'",
        "\"a\"",
        "\"1\"",
        "\"\\n\"",
        "'\\''",
        "\"\\x41\\u00e9\\101\"",
        "\"\\\"",
        "\"\\q\"",
        "1",
        "2",
        "5",
        "-3",
        "+1",
        "3.5",
        "1.5",
        "2.0",
        "1.2.3",
        "true",
        "@.n",
        ".name",
        "@",
        "foo",
        "",
    ];
    one_of(chance, &literals)
}
