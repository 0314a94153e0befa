//! The shop: healthy for the most part, with a recommender that runs out of memory.

use serde_json::json;

use super::template::{config_map, deployment, secret, service, with_fault, with_init};
use super::{DAY, HOUR, MINUTE, World};
use crate::resource::{CONFIG_MAPS, DEPLOYMENTS, SECRETS, SERVICE_ACCOUNTS, SERVICES};
use crate::status::Status;

const NAMESPACE: &str = "shop";

impl World<'_> {
    pub(super) fn shop(&mut self) -> Result<(), Status> {
        self.ago(21 * DAY);
        self.namespace(NAMESPACE)?;
        self.create(
            &SERVICE_ACCOUNTS,
            NAMESPACE,
            json!({ "metadata": { "name": "checkout" } }),
        )?;
        let settings = config_map(
            "web-settings",
            json!({ "theme": "autumn", "pageSize": "24", "features.json": "{\"reviews\":true}" }),
        );
        self.create(&CONFIG_MAPS, NAMESPACE, settings)?;
        let password = secret(
            "payments-database",
            "Opaque",
            json!({ "username": "payments", "password": "correct horse" }),
        );
        self.create(&SECRETS, NAMESPACE, password)?;
        let certificate = json!({ "tls.crt": "-----BEGIN CERTIFICATE-----", "tls.key": "-----BEGIN PRIVATE KEY-----" });
        self.create(
            &SECRETS,
            NAMESPACE,
            secret("shop-example-com", "kubernetes.io/tls", certificate),
        )?;
        for (name, image, replicas) in [
            ("web", "registry.example.com/shop/web:3.4.1", 3),
            ("cart", "registry.example.com/shop/cart:1.12.0", 2),
            ("catalog", "registry.example.com/shop/catalog:2.8.7", 3),
        ] {
            self.create(&DEPLOYMENTS, NAMESPACE, deployment(name, image, replicas))?;
        }
        let mut checkout = deployment("checkout", "registry.example.com/shop/checkout:5.0.2", 2);
        checkout["spec"]["template"]["spec"]["serviceAccountName"] = "checkout".into();
        self.create(&DEPLOYMENTS, NAMESPACE, checkout)?;
        let payments = deployment("payments", "registry.example.com/shop/payments:2.1.0", 2);
        self.create(
            &DEPLOYMENTS,
            NAMESPACE,
            with_init(
                payments,
                "migrate",
                "registry.example.com/shop/payments-migrate:2.1.0",
            ),
        )?;
        for name in ["cart", "catalog", "checkout", "payments"] {
            self.create(&SERVICES, NAMESPACE, service(name, name))?;
        }
        let mut front = service("web", "web");
        front["spec"]["type"] = "LoadBalancer".into();
        front["status"] = json!({ "loadBalancer": { "ingress": [{ "ip": "203.0.113.20" }] } });
        self.create(&SERVICES, NAMESPACE, front)?;
        // Left behind when its deployment was renamed.
        self.create(&SERVICES, NAMESPACE, service("reviews", "reviews-v1"))
            .map(drop)
    }

    pub(super) fn shop_of_today(&mut self) -> Result<(), Status> {
        self.ago(26 * HOUR);
        self.set_image("shop/web", "registry.example.com/shop/web:3.4.2");
        self.ago(5 * HOUR);
        self.set_image("shop/checkout", "registry.example.com/shop/checkout:5.0.3");
        self.ago(28 * MINUTE);
        let recommender = deployment(
            "recommender",
            "registry.example.com/shop/recommender:0.9.0",
            1,
        );
        self.create(&DEPLOYMENTS, NAMESPACE, with_fault(recommender, "oom"))?;
        self.create(&SERVICES, NAMESPACE, service("recommender", "recommender"))
            .map(drop)
    }
}
