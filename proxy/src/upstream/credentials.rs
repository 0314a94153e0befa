//! Credentials of a context: checked before use, loaded off the async threads, and explained when they fail.
//!
//! A plugin never gets the terminal: the person at the browser may not be at the terminal, and a prompt there would
//! hang every request. Its output is never repeated, only the end of its error stream.

use std::path::Path;
use std::time::Duration;

use kube::client::AuthError;
use kube::config::{AuthInfo, Config, ExecConfig, ExecInteractiveMode};
use serde_json::json;

use super::failure;
use crate::fault::{Fault, Kind};

/// Some plugins open a browser window and wait for its user.
const PLUGIN_TIMEOUT: Duration = Duration::from_secs(60);

/// Refuses what cannot work, and takes the terminal away from the plugin.
pub(super) fn prepare(config: &mut Config, context: &str) -> Result<(), Fault> {
    let Some(exec) = &mut config.auth_info.exec else {
        return Ok(());
    };
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        let command = exec.command.as_deref().unwrap_or_default();
        return Err(fault(
            context,
            format!(
                "its plugin `{command}` wants a terminal (interactiveMode: Always), which kapi does not give; \
                 set interactiveMode to IfAvailable"
            ),
        ));
    }
    exec.interactive_mode = Some(ExecInteractiveMode::Never);
    Ok(())
}

/// What can be seen to be missing without running or dialling anything.
pub(super) fn check(config: &Config, context: &str) -> Result<(), Fault> {
    let user = &config.auth_info;
    if let Some(exec) = &user.exec
        && let Some(command) = &exec.command
        && !is_installed(command)
    {
        return Err(not_installed(context, exec));
    }
    let files = [&user.client_certificate, &user.client_key, &user.token_file];
    match files
        .into_iter()
        .flatten()
        .find(|file| !Path::new(file).is_file())
    {
        Some(file) => Err(fault(
            context,
            format!("its file {file} is not there; restore it or correct the kubeconfig"),
        )),
        None => Ok(()),
    }
}

/// Whether these come from somewhere that may say something else next time. What stands in the kubeconfig itself
/// changes with it, and is read again then.
pub(super) fn are_renewable(user: &AuthInfo) -> bool {
    let files = [&user.token_file, &user.client_certificate, &user.client_key];
    user.exec.is_some() || user.auth_provider.is_some() || files.iter().any(|file| file.is_some())
}

/// Runs `build` on a thread that may block, because that is where kube starts the plugin.
pub(super) async fn with_plugin<T: Send + 'static>(
    mut config: Config,
    context: &str,
    build: impl FnOnce(Config) -> kube::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let exec = config.auth_info.exec.clone();
    settle_token(&mut config.auth_info, context)?;
    let building = tokio::task::spawn_blocking(move || build(config));
    match tokio::time::timeout(PLUGIN_TIMEOUT, building).await {
        Ok(Ok(built)) => built.map_err(|error| match (&error, &exec) {
            (kube::Error::Auth(error), exec) => explain(error, exec.as_ref(), context),
            _ => fault(context, failure::in_words(&error)),
        }),
        Ok(Err(_)) => Err(fault(
            context,
            "its credentials contain characters that no HTTP header can carry".into(),
        )),
        Err(_) => Err(fault(
            context,
            format!(
                "its plugin {} gave no answer within 60 seconds",
                command(exec.as_ref())
            ),
        )),
    }
}

/// Reads what kube would choke on: a token file that ends in a newline, as most that a person wrote do, and a token
/// that no header can carry.
fn settle_token(user: &mut AuthInfo, context: &str) -> Result<(), Fault> {
    if user.token.is_none()
        && let Some(file) = &user.token_file
    {
        let text = std::fs::read_to_string(file).map_err(|error| {
            fault(
                context,
                format!("its token file {file} cannot be read: {error}"),
            )
        })?;
        if text.trim() != text {
            // Read once only; a 401 loads it again.
            let read: AuthInfo =
                serde_json::from_value(json!({ "token": text.trim() })).unwrap_or_default();
            user.token = read.token;
        }
    }
    if user.token.is_none() {
        return Ok(());
    }
    let written = serde_json::to_value(&*user).unwrap_or_default();
    let token = written["token"].as_str().unwrap_or_default();
    match token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(fault(
            context,
            "its token contains spaces or control characters".into(),
        )),
    }
}

/// The reason in words for a plugin or a token file that failed, now or at a later refresh.
pub(super) fn explain(error: &AuthError, exec: Option<&ExecConfig>, context: &str) -> Fault {
    match (error, exec) {
        (AuthError::AuthExecStart(error), Some(exec))
            if error.kind() == std::io::ErrorKind::NotFound =>
        {
            not_installed(context, exec)
        }
        (AuthError::AuthExecStart(error), _) => fault(
            context,
            format!("its plugin {} cannot be started: {error}", command(exec)),
        ),
        (AuthError::AuthExecRun { out, .. }, _) => {
            let said = last_words(&out.stderr);
            fault(
                context,
                format!(
                    "its plugin {} failed with {}{said}",
                    command(exec),
                    out.status
                ),
            )
        }
        (AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed, _) => fault(
            context,
            format!("its plugin {} printed no ExecCredential", command(exec)),
        ),
        (error, _) => fault(context, failure::in_words(error)),
    }
}

fn fault(context: &str, reason: String) -> Fault {
    Fault::new(
        Kind::Credentials,
        format!(
            "cannot load the credentials of context {context:?}: {reason}; check with `kubectl --context {context} get ns`"
        ),
    )
}

fn not_installed(context: &str, exec: &ExecConfig) -> Fault {
    let hint = exec.install_hint.as_deref().unwrap_or("install it");
    let hint = hint.split_whitespace().collect::<Vec<_>>().join(" ");
    fault(
        context,
        format!(
            "its plugin {} is not installed or not on the PATH; {hint}",
            command(Some(exec))
        ),
    )
}

fn command(exec: Option<&ExecConfig>) -> String {
    exec.and_then(|exec| exec.command.as_deref())
        .map_or_else(String::new, |command| format!("`{command}`"))
}

fn is_installed(command: &str) -> bool {
    match command.contains('/') {
        true => Path::new(command).is_file(),
        false => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|dir| dir.join(command).is_file())
        }
    }
}

/// The end of what a plugin said on its error stream, as one line without control characters.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let clean: String = text
        .trim()
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    match clean.chars().count() {
        0 => String::new(),
        count => format!(
            ": {}",
            clean
                .chars()
                .skip(count.saturating_sub(300))
                .collect::<String>()
        ),
    }
}
