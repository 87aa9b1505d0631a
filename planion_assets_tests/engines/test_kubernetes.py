"""What `K8sRunLauncher` asks of Kubernetes for a run: rendered by Dagster, held against Kubernetes' schemas."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import dagster as dg
import pytest
import yaml

from planion_assets.defs.automation.run_tags import ACCOUNT
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.run_processes import created_run

pytestmark = pytest.mark.engines
VALUES = yaml.safe_load((Path(__file__).parents[2] / "deploy" / "helm-values.yaml").read_text())
GRACE = 30
"""Seconds of Kubernetes between SIGTERM and SIGKILL, within which a run ends (faults/test_run_stops.py)."""


@pytest.fixture
def instance(workplace: Path) -> Iterator[dg.DagsterInstance]:
    with instance_on_disk(workplace / "home") as instance:
        yield instance


@pytest.fixture
def no_cluster(tmp_path: Path) -> str:
    """A kubeconfig of a cluster that nobody calls."""
    named = {"clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:9"}}], "users": []}
    contexts = [{"name": "none", "context": {"cluster": "none", "user": ""}}]
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump({**named, "contexts": contexts, "current-context": "none"}))
    return str(path)


def _launched(instance: dg.DagsterInstance, config: Mapping[str, Any], kubeconfig: str) -> dict[str, Any]:
    """The job that the launcher makes for a run of two accounts, as Kubernetes is sent it."""
    from dagster._core.launcher import LaunchRunContext
    from dagster_k8s import K8sRunLauncher
    from kubernetes.client import ApiClient

    api = Mock()
    image = "{repository}:{tag}".format(**VALUES["dagsterWebserver"]["image"])
    launcher = K8sRunLauncher(
        service_account_name="planion",
        instance_config_map="dagster-instance",
        dagster_home="/opt/dagster/dagster_home",
        job_image=image,
        image_pull_policy=config["imagePullPolicy"],
        load_incluster_config=False,
        kubeconfig_file=kubeconfig,
        k8s_client_batch_api=api,
        k8s_client_core_api=Mock(),
        security_context=config["securityContext"],
        resources=config["resources"],
        run_k8s_config={"pod_spec_config": config["runK8sConfig"]["podSpecConfig"]},
        env_secrets=["planion-tokens"],
    )
    launcher.register_instance(instance)
    run = created_run(
        instance,
        "refresh_active",
        config={"ops": {"refresh_conferences": {"config": {"accounts": ["AAA", "BBB"]}}}},
        tags={ACCOUNT: "AAA,BBB"},
    )
    launcher.launch_run(LaunchRunContext(run, None))
    (call,) = api.create_namespaced_job.call_args_list
    sent: dict[str, Any] = ApiClient().sanitize_for_serialization(call.kwargs["body"])
    return sent


def test_the_job_of_a_run_is_one_that_kubernetes_takes(instance: dg.DagsterInstance, no_cluster: str) -> None:
    import kubernetes_validate

    job = _launched(instance, VALUES["runLauncher"]["config"]["k8sRunLauncher"], no_cluster)
    kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"][1:3] == ["api", "execute_run"]
    assert container["envFrom"][-1] == {"secretRef": {"name": "planion-tokens"}}
    assert pod["terminationGracePeriodSeconds"] >= GRACE
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["restartPolicy"] == "Never"
    assert job["spec"]["backoffLimit"] == 0, "a tick starts what failed"
    broken = {**job, "spec": {**job["spec"], "backoffLimt": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, kubernetes_validate.latest_version(), strict=True)


def test_the_queue_of_the_chart_takes_one_run_of_an_account_at_a_time() -> None:
    from dagster._core.run_coordinator import QueuedRunCoordinator

    limits = VALUES["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]["tagConcurrencyLimits"]
    assert {"key": ACCOUNT, "value": {"applyLimitPerUniqueValue": True}, "limit": 1} in limits
    QueuedRunCoordinator(tag_concurrency_limits=limits)
