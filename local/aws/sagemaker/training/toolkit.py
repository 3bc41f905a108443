"""What SageMaker's training toolkit does in a container before the training script starts ("script mode").

Run with the job's folder (a container's /opt/ml) as argument. Reads the configuration there, gives the script the
SM_* environment variables and the hyperparameters as arguments, and becomes the script.
"""

import importlib.metadata
import json
import os
import sys

CONTROL_PREFIXES = ("sagemaker_", "_tuning_")


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def decoded(value):
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def text_of(value):
    """A value as an environment variable."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def arguments_of(hyperparameters):
    arguments = []
    for name in sorted(hyperparameters):
        value = hyperparameters[name]
        arguments.append(f"--{name}" if len(name) > 1 else f"-{name}")
        if isinstance(value, dict):
            arguments.append(",".join(f"{key}={value[key]}" for key in sorted(value)))
        else:
            arguments.append("" if value is None else str(value))
    return arguments


def unsatisfied(requirements):
    """The lines of a requirements file that the environment does not have."""
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement

    found = []
    with open(requirements, encoding="utf-8") as file:
        lines = file.read().replace("\\\n", " ").splitlines()
    for line in lines:
        line = line.split(" #")[0].split(" --hash")[0].strip()
        if not line or line.startswith("#"):
            continue
        try:
            requirement = Requirement(line)
            if requirement.marker is not None and not requirement.marker.evaluate():
                continue
            version = importlib.metadata.version(requirement.name)
            if not requirement.specifier.contains(version, prereleases=True):
                found.append(f"{line} (there is {version})")
        except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
            found.append(line)
    return found


def fail(folder, message):
    with open(os.path.join(folder, "output", "failure"), "w", encoding="utf-8") as file:
        file.write(message)
    print(message, file=sys.stderr, flush=True)
    sys.exit(1)


def main():
    folder = sys.argv[1]
    config = os.path.join(folder, "input", "config")
    code = os.path.join(folder, "code")
    all_hyperparameters = {
        name: decoded(value) for name, value in read_json(os.path.join(config, "hyperparameters.json")).items()
    }
    resources = read_json(os.path.join(config, "resourceconfig.json"))
    channels = read_json(os.path.join(config, "inputdataconfig.json"))

    program = all_hyperparameters.get("sagemaker_program") or os.environ.get("SAGEMAKER_PROGRAM")
    if not program:
        fail(
            folder,
            "The hyperparameter sagemaker_program (or the environment variable SAGEMAKER_PROGRAM) is missing: "
            "it names the script in the archive that sagemaker_submit_directory points to.",
        )
    script = os.path.join(code, str(program))
    if not os.path.isfile(script):
        fail(folder, f"sagemaker_program is '{program}', but the archive of sagemaker_submit_directory has no such file.")
    if not script.endswith(".py"):
        fail(folder, f"sagemaker_program is '{program}'; the local twin runs Python scripts (.py) only.")
    requirements = os.path.join(os.path.dirname(script), "requirements.txt")
    if os.path.isfile(requirements):
        missing = unsatisfied(requirements)
        if missing:
            fail(
                folder,
                "requirements.txt beside the script asks for what the local twin's environment for this image lacks, "
                "and the twin installs nothing when a job runs: " + ", ".join(missing),
            )
        print("requirements.txt: all of it is in the environment already", flush=True)

    hyperparameters = {
        name: value for name, value in all_hyperparameters.items() if not name.startswith(CONTROL_PREFIXES)
    }
    data = os.path.join(folder, "input", "data")
    channel_folders = {name: os.path.join(data, name) for name in channels}
    arguments = arguments_of(hyperparameters)
    module = os.path.splitext(str(program))[0].replace("/", ".")
    submitted = all_hyperparameters.get("sagemaker_submit_directory") or os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY")
    log_level = all_hyperparameters.get("sagemaker_container_log_level", 20)
    training = {
        "additional_framework_parameters": {
            name: value for name, value in all_hyperparameters.items() if name not in hyperparameters
        },
        "channel_input_dirs": channel_folders,
        "current_host": resources["current_host"],
        "current_instance_type": resources["current_instance_type"],
        "hosts": resources["hosts"],
        "hyperparameters": hyperparameters,
        "input_config_dir": config,
        "input_data_config": channels,
        "input_dir": os.path.join(folder, "input"),
        "is_master": True,
        "job_name": os.environ.get("TRAINING_JOB_NAME", ""),
        "log_level": log_level,
        "model_dir": os.path.join(folder, "model"),
        "module_dir": submitted,
        "module_name": module,
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "output_data_dir": os.path.join(folder, "output", "data"),
        "output_dir": os.path.join(folder, "output"),
        "resource_config": resources,
        "user_entry_point": program,
    }
    variables = {
        "channels": sorted(channels),
        "current_host": training["current_host"],
        "current_instance_type": training["current_instance_type"],
        "hosts": training["hosts"],
        "hps": hyperparameters,
        "input_config_dir": config,
        "input_data_config": channels,
        "input_dir": training["input_dir"],
        "log_level": log_level,
        "model_dir": training["model_dir"],
        "module_dir": submitted,
        "module_name": module,
        "network_interface_name": training["network_interface_name"],
        "num_cpus": training["num_cpus"],
        "num_gpus": training["num_gpus"],
        "output_data_dir": training["output_data_dir"],
        "output_dir": training["output_dir"],
        "resource_config": resources,
        "training_env": training,
        "user_args": arguments,
        "user_entry_point": program,
    }
    for name, value in channel_folders.items():
        variables[f"channel_{name}"] = value
    for name, value in hyperparameters.items():
        variables[f"hp_{name}"] = value

    environment = dict(os.environ)
    for name, value in variables.items():
        environment["SM_" + name.upper()] = text_of(value)
    environment["PYTHONPATH"] = os.pathsep.join([code, *filter(None, [os.environ.get("PYTHONPATH")])])
    os.chdir(code)
    os.execve(sys.executable, [sys.executable, script, *arguments], environment)


main()
