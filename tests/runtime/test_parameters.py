from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ASK = """
import json, os, sys
met = []
sys.addaudithook(lambda event, given: met.append(event) if event in {"socket.connect", "socket.getaddrinfo",
    "subprocess.Popen", "os.system"} else None)
from agentconf.runtime.parameters import supported_parameters
asked = json.loads(sys.argv[1])
said = [supported_parameters(model, provider) for model, provider in asked]
print(json.dumps({"said": said, "met": met, "dotenv": os.environ.get("FROM_DOTENV")}))
"""

PROVIDERS = """
openai azure anthropic bedrock bedrock_converse gemini vertex_ai mistral cohere ollama ollama_chat groq xai deepseek
together_ai fireworks_ai openrouter huggingface replicate sagemaker databricks watsonx github_copilot perplexity
hosted_vllm litellm_proxy custom_openai oci snowflake nvidia_nim cerebras
""".split()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One process for all questions: importing LiteLLM takes seconds."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / ".env").write_text("FROM_DOTENV=read\n")
    asked = [("gpt-4.1", "openai"), ("claude-sonnet-4-6", "anthropic"), ("m", "no-such-provider")]
    asked += [(model, provider) for provider in PROVIDERS for model in ("no-such-model", "org/no-such", "llama3")]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(asked)], cwd=folder, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    assert done.stderr == ""
    answer: dict[str, Any] = json.loads(done.stdout)  # alone: nothing else was printed
    return answer


def test_what_litellm_passes_on(answers: dict[str, Any]) -> None:
    openai, anthropic, nobody = answers["said"][:3]
    assert {"temperature", "seed", "tools", "frequency_penalty"} <= set(openai)
    assert openai == sorted(openai)
    assert "temperature" in anthropic
    assert "seed" not in anthropic
    assert nobody is None


def test_it_asks_nobody_else_and_reads_no_file_of_the_folder(answers: dict[str, Any]) -> None:
    assert answers["met"] == []
    assert answers["dotenv"] is None
