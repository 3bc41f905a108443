"""What SageMaker's training toolkit does in a container before the training script starts ("script mode").

Run with the job's folder (a container's /opt/ml) as argument. Reads the configuration there, gives the script the
SM_* environment variables and the hyperparameters as arguments, and becomes the script. With --shell it does so by a
shell, as the toolkit of the PyTorch images does (sagemaker_training/process.py, run_async) unless the hyperparameter
sagemaker_toolkit_native_launcher_enabled is true.
"""

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

CONTROL_PREFIXES = ("sagemaker_", "_tuning_")


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


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
    for line in requirements.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        line = line.split(" #")[0].split(" --hash")[0].strip()
        # Options are for pip, such as where wheels are: nothing is installed here.
        if not line or line.startswith(("#", "-")):
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
    (folder / "output" / "failure").write_text(message, encoding="utf-8")
    print(message, file=sys.stderr, flush=True)
    sys.exit(1)


def script_of(folder, program):
    if not program:
        fail(
            folder,
            "The hyperparameter sagemaker_program (or the environment variable SAGEMAKER_PROGRAM) is missing: "
            "it names the script in the archive that sagemaker_submit_directory points to.",
        )
    script = folder / "code" / str(program)
    if not script.is_file():
        fail(
            folder, f"The archive of sagemaker_submit_directory has no file '{program}', which sagemaker_program names."
        )
    if script.suffix != ".py":
        fail(folder, f"sagemaker_program is '{program}'; the local twin runs Python scripts (.py) only.")
    return script


def check_requirements(folder, requirements):
    if not requirements.is_file():
        return
    missing = unsatisfied(requirements)
    if missing:
        fail(
            folder,
            "requirements.txt beside the script asks for what the local twin's environment for this image lacks, "
            "and the twin installs nothing when a job runs: " + ", ".join(missing),
        )
    print("requirements.txt: all of it is in the environment already", flush=True)


def gpus():
    """How many GPUs the machine has, by NVIDIA's driver, or by its command where the driver is another system's."""
    by_driver = Path("/proc/driver/nvidia/gpus")
    if by_driver.is_dir():
        return len(list(by_driver.iterdir()))
    command = shutil.which("nvidia-smi")
    if command is None:
        return 0
    listed = subprocess.run([command, "-L"], capture_output=True, text=True, check=False)
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines()) if listed.returncode == 0 else 0


def become(command, arguments, environment, shell):
    """Never returns. A shell reads arguments as a line, and knows no variables with a hyphen in their names."""
    if not shell:
        os.execve(command[0], [*command, *arguments], environment)
    known = {name: value for name, value in environment.items() if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)}
    line = " ".join([*(shlex.quote(word) for word in command), *arguments])
    os.execve("/bin/sh", ["/bin/sh", "-c", f"exec {line}"], known)


def main():
    folder = Path(sys.argv[1])
    config = folder / "input" / "config"
    given = {name: decoded(value) for name, value in read_json(config / "hyperparameters.json").items()}
    resources = read_json(config / "resourceconfig.json")
    channels = read_json(config / "inputdataconfig.json")

    program = given.get("sagemaker_program") or os.environ.get("SAGEMAKER_PROGRAM")
    script = script_of(folder, program)
    check_requirements(folder, script.parent / "requirements.txt")

    hyperparameters = {name: value for name, value in given.items() if not name.startswith(CONTROL_PREFIXES)}
    arguments = arguments_of(hyperparameters)
    channel_folders = {name: str(folder / "input" / "data" / name) for name in channels}
    common = {
        "current_host": resources["current_host"],
        "current_instance_type": resources["current_instance_type"],
        "hosts": resources["hosts"],
        "input_config_dir": str(config),
        "input_data_config": channels,
        "input_dir": str(folder / "input"),
        "log_level": given.get("sagemaker_container_log_level", 20),
        "model_dir": str(folder / "model"),
        "module_dir": given.get("sagemaker_submit_directory") or os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY"),
        "module_name": str(program).removesuffix(".py").replace("/", "."),
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": gpus(),
        "output_data_dir": str(folder / "output" / "data"),
        "output_dir": str(folder / "output"),
        "resource_config": resources,
        "user_entry_point": program,
    }
    training = {
        **common,
        "additional_framework_parameters": {
            name: value for name, value in given.items() if name not in hyperparameters
        },
        "channel_input_dirs": channel_folders,
        "hyperparameters": hyperparameters,
        "is_master": resources["current_host"] == resources["hosts"][0],
        "job_name": os.environ.get("TRAINING_JOB_NAME", ""),
    }
    variables = {
        **common,
        "channels": sorted(channels),
        "hps": hyperparameters,
        "training_env": training,
        "user_args": arguments,
        **{f"channel_{name}": path for name, path in channel_folders.items()},
        **{f"hp_{name}": value for name, value in hyperparameters.items()},
    }
    environment = dict(os.environ)
    for name, value in variables.items():
        environment["SM_" + name.upper()] = text_of(value)
    code = str(folder / "code")
    environment["PYTHONPATH"] = os.pathsep.join([code, *filter(None, [os.environ.get("PYTHONPATH")])])
    os.chdir(code)
    native = given.get("sagemaker_toolkit_native_launcher_enabled", False)
    become([sys.executable, str(script)], arguments, environment, shell="--shell" in sys.argv[2:] and not native)


main()
