//! Pulling images that cannot be pulled: fail, back off, fail again.

use std::time::Duration;

use serde_json::Value;

use super::PodRun;
use crate::controllers::events::Event;

impl PodRun<'_> {
    /// Answers the state to wait in.
    pub(super) fn fail_to_pull(&mut self, name: &str, image: &str, waiting: &Value) -> Value {
        let memory = (self.uid(), name.to_owned());
        let (tries, due) = self
            .kubelet
            .pulls
            .get(&memory)
            .copied()
            .unwrap_or((0, self.now));
        if self.now < due {
            self.again_at(due);
            return waiting.clone();
        }
        let error = format!(
            "rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve \
             reference \"{image}\": {image}: not found"
        );
        let failed = waiting["reason"] == "ErrImagePull";
        let (state, wait) = if failed {
            self.say(
                Event::normal(
                    "kubelet",
                    "BackOff",
                    format!("Back-off pulling image \"{image}\""),
                )
                .about(name),
            );
            self.say(
                Event::warning("kubelet", "Failed", "Error: ImagePullBackOff".to_owned())
                    .about(name),
            );
            let message = format!("Back-off pulling image \"{image}\": ErrImagePull: {error}");
            let wait = 10_u64.saturating_mul(1 << tries.min(5)).min(300);
            (
                serde_json::json!({ "reason": "ImagePullBackOff", "message": message }),
                wait,
            )
        } else {
            self.say(
                Event::normal("kubelet", "Pulling", format!("Pulling image \"{image}\""))
                    .about(name),
            );
            self.say(
                Event::warning(
                    "kubelet",
                    "Failed",
                    format!("Failed to pull image \"{image}\": {error}"),
                )
                .about(name),
            );
            self.say(
                Event::warning("kubelet", "Failed", "Error: ErrImagePull".to_owned()).about(name),
            );
            (
                serde_json::json!({ "reason": "ErrImagePull", "message": error }),
                12,
            )
        };
        let due = self.now + Duration::from_secs(wait);
        self.kubelet
            .pulls
            .insert(memory, (if failed { tries } else { tries + 1 }, due));
        self.again_at(due);
        state
    }

    pub(super) fn say(&mut self, event: Event) {
        self.events.push(event);
    }
}
