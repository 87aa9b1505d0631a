"""deploy/helm-values.yaml: what the chart takes, and the job that Dagster's own launcher makes of it for a run.

No chart is rendered here. `_instance` and `_location` say in Python what its templates write into the instance's
settings and the code server's environment, and Kubernetes' client proves each object's keys.
"""

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import dagster as dg
import jsonschema
import pytest
import yaml

from planion_assets_tests.deploy.compose_file import DEPLOY


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "helm-values.yaml").read_text(encoding="utf-8"))
    return read


def _model(name: str, given: Any) -> Any:
    """The object as Kubernetes' client has it. Raises where a key is none of its."""
    import kubernetes  # here: half a second, for every worker of the tests
    from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict

    kind = getattr(kubernetes.client.models, name)
    return k8s_model_from_dict(kind, k8s_snake_case_dict(kind, given))


def test_the_chart_takes_each_key(values: dict[str, Any]) -> None:
    schema = json.loads(Path(__file__).with_name("helm_values.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(values, schema)
    mistaken = copy.deepcopy(values)
    mistaken["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]["max_concurrent_runs"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mistaken, schema)


def test_objects_of_kubernetes_are_its(values: dict[str, Any]) -> None:
    (code,) = values["dagster-user-deployments"]["deployments"]
    for pod in (values["dagsterWebserver"], values["dagsterDaemon"], code):
        assert _model("V1PodSecurityContext", pod["podSecurityContext"]).run_as_non_root
        container = _model("V1SecurityContext", pod["securityContext"])
        assert container.read_only_root_filesystem
        assert container.allow_privilege_escalation is False
        assert container.capabilities.drop == ["ALL"]
        volumes = {_model("V1Volume", volume).name for volume in pod["volumes"]}
        mounts = [_model("V1VolumeMount", mount) for mount in pod["volumeMounts"]]
        assert {mount.name for mount in mounts} == volumes
        assert "/tmp" in {mount.mount_path for mount in mounts}
    for variable in code["env"]:
        _model("V1EnvVar", variable)
    for secret in code["envSecrets"]:
        _model("V1SecretEnvSource", secret)
    probe = _model("V1Probe", values["dagsterWebserver"]["readinessProbe"])
    assert probe.http_get.port == values["dagsterWebserver"]["service"]["port"]


def test_images_user_and_limits_are_those_of_the_other_files(values: dict[str, Any]) -> None:
    (code,) = values["dagster-user-deployments"]["deployments"]
    assert values["dagsterWebserver"]["image"] == values["dagsterDaemon"]["image"] == code["image"]
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    context = code["podSecurityContext"]
    assert f"USER {context['runAsUser']}:{context['runAsGroup']}\n" in dockerfile
    mounted = {mount["mountPath"] for mount in code["volumeMounts"]}
    assert re.search(r"^WORKDIR (\S+)\nENTRYPOINT", dockerfile, re.M)[1] in mounted  # type: ignore[index]
    compose = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    queue = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    assert queue["tagConcurrencyLimits"] == compose["concurrency"]["runs"]["tag_concurrency_limits"]


def test_no_password_stands_in_it(values: dict[str, Any]) -> None:
    assert values["generatePostgresqlPasswordSecret"] is False
    assert "postgresqlPassword" not in values["postgresql"]
    login = yaml.safe_load((DEPLOY / "oauth2-proxy-values.yaml").read_text(encoding="utf-8"))
    assert set(login["config"]) == {"existingSecret", "configFile"}
    assert not [
        key for key in tomllib.loads(login["config"]["configFile"]) if "secret" in key or "id" in key.split("_")
    ]


def test_the_log_in_leads_to_the_web_server(values: dict[str, Any]) -> None:
    login = yaml.safe_load((DEPLOY / "oauth2-proxy-values.yaml").read_text(encoding="utf-8"))
    port = values["dagsterWebserver"]["service"]["port"]
    upstreams = tomllib.loads(login["config"]["configFile"])["upstreams"]
    assert upstreams == [f"http://dagster-dagster-webserver:{port}"]
    assert values["ingress"] == {"enabled": False}
    assert [entry["hosts"] for entry in login["ingress"]["tls"]] == [login["ingress"]["hosts"]]


def _instance(folder: Path, values: dict[str, Any]) -> Path:
    """The folder with the launcher and the queue as the chart writes them into dagster.yaml."""
    given = values["runLauncher"]["config"]["k8sRunLauncher"]
    queue = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    launcher = {
        "load_incluster_config": given["loadInclusterConfig"],
        "job_namespace": "planion",
        "image_pull_policy": given["imagePullPolicy"],
        "service_account_name": "dagster",
        "dagster_home": "/opt/dagster/dagster_home",
        "instance_config_map": "dagster-instance",
        "postgres_password_secret": values["global"]["postgresqlSecretName"],
        "resources": given["resources"],
        "security_context": given["securityContext"],
        "run_k8s_config": {"pod_spec_config": given["runK8sConfig"]["podSpecConfig"]},
    }
    coordinator = {
        "max_concurrent_runs": queue["maxConcurrentRuns"],
        "tag_concurrency_limits": queue["tagConcurrencyLimits"],
    }
    settings = {
        "run_launcher": {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": launcher},
        "run_coordinator": {
            "module": "dagster._core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": coordinator,
        },
        "telemetry": values["telemetry"],
    }
    (folder / "dagster.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder


def _location(values: dict[str, Any]) -> dict[str, Any]:
    """What the chart has the code server say of the pods of its runs."""
    (code,) = values["dagster-user-deployments"]["deployments"]
    return {
        "image_pull_policy": code["image"]["pullPolicy"],
        "env_config_maps": [f"dagster-dagster-user-deployments-{code['name']}-user-env"],
        "env_secrets": [secret["name"] for secret in code["envSecrets"]],
        "env": code["env"],
        "volumes": code["volumes"],
        "volume_mounts": code["volumeMounts"],
        "namespace": "planion",
        "service_account_name": values["dagster-user-deployments"]["serviceAccount"]["name"],
    }


def test_a_run_is_a_job_without_rights_that_has_the_secrets_by_name(
    values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kubernetes
    from dagster_k8s import K8sRunLauncher
    from dagster_k8s.container_context import K8sContainerContext
    from dagster_k8s.job import construct_dagster_k8s_job

    monkeypatch.setattr("kubernetes.config.load_incluster_config", lambda: None)
    (code,) = values["dagster-user-deployments"]["deployments"]
    image = f"{code['image']['repository']}:{code['image']['tag']}"
    with dg.DagsterInstance.from_config(str(_instance(tmp_path, values))) as instance:
        launcher = instance.run_launcher
        assert isinstance(launcher, K8sRunLauncher)
        run = dg.DagsterRun(job_name="refresh_active", run_id="0" * 8)
        context = K8sContainerContext.create_for_run(run, launcher, include_run_tags=False)
        context = context.merge(K8sContainerContext.create_from_config({"k8s": _location(values)}))
        config = context.get_k8s_job_config(image, launcher)
        job_spec = construct_dagster_k8s_job(config, ["dagster"], "run", context.run_k8s_config)
    job = kubernetes.client.ApiClient().sanitize_for_serialization(job_spec)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (container["image"], pod["serviceAccountName"]) == (image, "planion")
    assert pod["securityContext"] == code["podSecurityContext"]
    assert container["securityContext"] == code["securityContext"]
    assert pod["terminationGracePeriodSeconds"] == 30
    assert {"secretRef": {"name": "planion-tokens"}} in container["envFrom"]
    variables = {variable["name"]: variable for variable in container["env"]}
    assert variables["PLANION_DATA"]["value"] == code["env"][0]["value"]
    password = variables["DAGSTER_PG_PASSWORD"]
    assert "value" not in password
    assert password["valueFrom"]["secretKeyRef"]["name"] == values["global"]["postgresqlSecretName"]
    assert {"/tmp", "/etc/planion"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
