//! A script: comments, and steps with the answers they had. Parsing keeps every line, so that printing a script with
//! the same answers gives the same text.

/// A file.
pub(crate) struct Script {
    pub(crate) blocks: Vec<Block>,
}

/// What stands between two empty lines.
pub(crate) struct Block {
    /// As it is in the file, without the answer.
    pub(crate) source: Vec<String>,
    /// None: nothing but comments.
    pub(crate) step: Option<Step>,
}

/// Something to do, whose answer is shown.
pub(crate) struct Step {
    /// Whose credentials it carries.
    pub(crate) user: String,
    pub(crate) action: Action,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) options: Options,
    pub(crate) body: String,
}

pub(crate) enum Action {
    Request {
        method: String,
        path: String,
    },
    /// Opens a watch under a name; its events are asked for by `Events`.
    Watch {
        name: String,
        path: String,
    },
    /// The same over a WebSocket.
    WebSocket {
        name: String,
        path: String,
    },
    /// The next events of a watch.
    Events {
        name: String,
        count: usize,
    },
    /// Everything until the server ends the watch.
    End {
        name: String,
    },
    Kubectl {
        arguments: String,
    },
    /// Starts kubectl under a name; its lines are asked for by `Events`.
    KubectlWatch {
        name: String,
        arguments: String,
    },
    /// The server forgets its past.
    Compact,
}

/// What of the answer counts.
#[derive(Default)]
pub(crate) struct Options {
    /// None: all of the body. Empty: nothing of it.
    pub(crate) show: Option<Vec<String>>,
    /// Headers to show.
    pub(crate) headers: Vec<String>,
    /// Lists whose order means nothing.
    pub(crate) sort: Vec<String>,
    /// Names for what stands at a path.
    pub(crate) save: Vec<(String, String)>,
    /// The request is repeated until this stands there.
    pub(crate) until: Option<(String, String)>,
}

impl Script {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut blocks = Vec::new();
        for block in text.trim_end().split("\n\n") {
            let source: Vec<String> = block
                .lines()
                .filter(|line| !is_answer(line))
                .map(str::to_owned)
                .collect();
            let lines = source
                .iter()
                .map(String::as_str)
                .filter(|line| !line.starts_with('#') && !line.is_empty());
            let step =
                Step::parse(lines.collect()).map_err(|error| format!("{error}, in:\n{block}"))?;
            blocks.push(Block { source, step });
        }
        Ok(Self { blocks })
    }

    /// Whether it must not run beside others.
    pub(crate) fn forgets(&self) -> bool {
        self.steps()
            .any(|step| matches!(step.action, Action::Compact))
    }

    pub(crate) fn needs_kubectl(&self) -> bool {
        self.steps()
            .any(|step| matches!(step.action, Action::Kubectl { .. }))
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.blocks.iter().filter_map(|block| block.step.as_ref())
    }
}

fn is_answer(line: &str) -> bool {
    line == "<" || line.starts_with("< ")
}

const USERS: [&str; 5] = ["admin", "viewer", "developer", "nobody", "anonymous"];

impl Step {
    fn parse(lines: Vec<&str>) -> Result<Option<Self>, String> {
        let Some((first, rest)) = lines.split_first() else {
            return Ok(None);
        };
        let (user, command) = match first.split_once(' ') {
            Some((user, command)) if USERS.contains(&user) => (user, command),
            _ => ("admin", *first),
        };
        let mut step = Self {
            user: user.to_owned(),
            action: Action::parse(command)?,
            headers: Vec::new(),
            options: Options::default(),
            body: String::new(),
        };
        for line in rest {
            let is_body = !step.body.is_empty() || matches!(step.action, Action::Kubectl { .. });
            if is_body || !step.take_option(line)? {
                step.body.push_str(line);
                step.body.push('\n');
            }
        }
        step.body.truncate(step.body.trim_end().len());
        Ok(Some(step))
    }

    /// Whether the line is an option or a header; what is neither begins the body.
    fn take_option(&mut self, line: &str) -> Result<bool, String> {
        let paths = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let pair = |text: &str| {
            let (left, right) = text
                .split_once(" = ")
                .ok_or_else(|| format!("there is no ` = ` in `{line}`"))?;
            Ok::<_, String>((left.to_owned(), right.to_owned()))
        };
        match line.split_once(' ') {
            Some(("show", "nothing")) => self.options.show = Some(Vec::new()),
            Some(("show", list)) => self
                .options
                .show
                .get_or_insert_default()
                .extend(paths(list)),
            Some(("sort", list)) => self.options.sort.extend(paths(list)),
            Some(("headers", list)) => self.options.headers.extend(paths(list)),
            Some(("save", rest)) => self.options.save.push(pair(rest)?),
            Some(("until", rest)) => self.options.until = Some(pair(rest)?),
            Some((name, value)) if is_header_name(name) => {
                self.headers
                    .push((name.trim_end_matches(':').to_owned(), value.to_owned()));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn is_header_name(word: &str) -> bool {
    word.strip_suffix(':').is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
}

impl Action {
    fn parse(command: &str) -> Result<Self, String> {
        let words: Vec<&str> = command.splitn(3, ' ').collect();
        Ok(match words.as_slice() {
            ["compact"] => Self::Compact,
            ["kubectl", ..] => Self::Kubectl {
                arguments: command.trim_start_matches("kubectl").trim().to_owned(),
            },
            ["kubectl-watch", name, arguments] => Self::KubectlWatch {
                name: (*name).to_owned(),
                arguments: (*arguments).to_owned(),
            },
            ["watch", name, path] => Self::Watch {
                name: (*name).to_owned(),
                path: (*path).to_owned(),
            },
            ["websocket", name, path] => Self::WebSocket {
                name: (*name).to_owned(),
                path: (*path).to_owned(),
            },
            ["events", name, count] => Self::Events {
                name: (*name).to_owned(),
                count: count
                    .parse()
                    .map_err(|_| format!("`{count}` is no number of events"))?,
            },
            ["end", name] => Self::End {
                name: (*name).to_owned(),
            },
            [
                "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS",
                ..,
            ] => {
                let (method, path) = command.split_once(' ').ok_or("a method needs a path")?;
                Self::Request {
                    method: method.to_owned(),
                    path: path.to_owned(),
                }
            }
            _ => return Err(format!("there is no step `{command}`")),
        })
    }
}
