//! Carries out a plan as it stands: every page of every list that it names, then what it decides here.

use k8kat::engine::Request;
use k8kat::plan::{Plan, ScanSpec, Shape};
use k8kat::store::{Entry, Store};
use k8kat::value::ObjectRef;
use serde_json::Value;

use crate::server::Server;
use crate::state::NOW;

/// How lists are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// To their end.
    Whole,
    /// No further than their first page, as if there were no tokens.
    FirstPage,
    /// No further than so many objects.
    First(usize),
}

/// The rows of the answer, as the reference has them; or what the server refuses.
pub(crate) fn carry_out(
    plan: &Plan,
    server: &Server,
    reading: Reading,
) -> Result<Vec<String>, String> {
    let mut stores: Vec<Vec<Store>> = Vec::new();
    for part in plan.every_part() {
        let scans = part.scans.iter().map(|scan| read(scan, server, reading));
        stores.push(scans.collect::<Result<_, _>>()?);
    }
    let entries = |part: usize| -> Vec<Entry<'_>> {
        let stores = stores.get(part).into_iter().flatten();
        stores
            .flat_map(Store::entries)
            .map(|(_, entry)| entry)
            .collect()
    };
    let now = i64::try_from(NOW.as_millis()).expect("a time of ours");
    let context = plan.context(now, &entries);
    let rows = plan.select(&context, &entries);
    if matches!(plan.shape, Shape::Groups(..)) {
        let groups = plan.groups(&rows, now);
        let cells = groups.iter().map(|group| {
            let cells = group.keys.iter().chain(&group.figures);
            cells
                .map(|cell| cell.text.clone())
                .collect::<Vec<_>>()
                .join(" | ")
        });
        return Ok(cells.collect());
    }
    let path = |row: &k8kat::plan::Placed<'_>| {
        let entry = row.entry;
        entry.kind().object_path(entry.namespace(), entry.name())
    };
    Ok(rows.iter().map(path).collect())
}

fn read(scan: &ScanSpec, server: &Server, reading: Reading) -> Result<Store, String> {
    let mut store = Store::new(scan.kind);
    let (mut token, mut most) = (String::new(), usize::MAX);
    if let Reading::First(count) = reading {
        most = count;
    }
    loop {
        let path = scan.path(&[("limit", "500"), ("continue", &token)]);
        let answer = server.answer(&Request::get(path, scan.accept(true)));
        let body: Value = serde_json::from_str(&answer.body).expect("the model answers in JSON");
        if answer.status != 200 {
            return Err(body["message"].to_string());
        }
        for item in body["items"].as_array().into_iter().flatten() {
            if store.len() < most {
                store.put(ObjectRef::new(item.to_string().as_bytes()));
            }
        }
        body["metadata"]["continue"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut token);
        if token.is_empty() || reading == Reading::FirstPage {
            return Ok(store);
        }
    }
}
