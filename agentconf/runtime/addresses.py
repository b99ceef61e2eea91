"""Where LiteLLM reaches each provider when nobody says otherwise.

Said explicitly with every call, so that a variable such as OPENAI_BASE_URL sends no key elsewhere. Read off litellm
1.106.2 in an empty environment (`get_llm_provider`, and the defaults in `litellm/main.py`); a test compares.
"""

from __future__ import annotations

from typing import Final

ADDRESSES: Final = {
    "ai21_chat": "https://api.ai21.com/studio/v1",
    "aiml": "https://api.aimlapi.com/v1",
    "amazon_nova": "https://api.nova.amazon.com/v1",
    "anthropic": "https://api.anthropic.com",
    "anthropic_text": "https://api.anthropic.com",
    "apertis": "https://api.stima.tech/v1",
    "assemblyai": "https://llm-gateway.assemblyai.com/v1",
    "baseten": "https://inference.baseten.co/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "charity_engine": "https://api.charityengine.services/remotejobs/v2/inference",
    "chutes": "https://llm.chutes.ai/v1/",
    "clarifai": "https://api.clarifai.com/v2/ext/openai/v1",
    "codestral": "https://codestral.mistral.ai/v1",
    "cognition": "https://api.cognition.ai/v1",
    "cohere": "https://api.cohere.com/v2/chat",
    "cohere_chat": "https://api.cohere.com/v2/chat",
    "cometapi": "https://api.cometapi.com/v1",
    "cortecs": "https://api.cortecs.ai/v1",
    "darkbloom": "https://api.darkbloom.dev/v1",
    "dashscope": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "datarobot": "https://app.datarobot.com/api/v2/genai/llmgw/chat/completions/",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
    "deepseek": "https://api.deepseek.com/beta",
    "docker_model_runner": "http://localhost:22088/engines/llama.cpp",
    "edenai": "https://api.edenai.run/v3",
    "empower": "https://app.empower.dev/api/v1",
    "featherless_ai": "https://api.featherless.ai/v1",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "friendliai": "https://api.friendli.ai/serverless/v1",
    "galadriel": "https://api.galadriel.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "gigachat": "https://gigachat.devices.sberbank.ru/api/v1",
    "github": "https://models.inference.ai.azure.com",
    "gradient_ai": "https://inference.do-ai.run",
    "groq": "https://api.groq.com/openai/v1",
    "helicone": "https://ai-gateway.helicone.ai/",
    "hyperbolic": "https://api.hyperbolic.xyz/v1",
    "inception": "https://api.inceptionlabs.ai/v1",
    "jina_ai": "https://api.jina.ai/v1",
    "lambda_ai": "https://api.lambda.ai/v1",
    "langgraph": "http://localhost:2024",
    "lemonade": "http://localhost:8000/api/v1",
    "libertai": "https://api.libertai.io/v1",
    "llamafile": "http://127.0.0.1:8080/v1",
    "manus": "https://api.manus.im",
    "maritalk": "https://chat.maritaca.ai/api",
    "meta": "https://api.meta.ai/v1",
    "meta_llama": "https://api.llama.com/compat/v1",
    "minimax": "https://api.minimax.io/v1",
    "mistral": "https://api.mistral.ai/v1",
    "modelscope": "https://api-inference.modelscope.cn/v1",
    "moonshot": "https://api.moonshot.ai/v1",
    "morph": "https://api.morphllm.com/v1",
    "nadir": "https://api.getnadir.com/v1",
    "nano-gpt": "https://nano-gpt.com/api/v1",
    "nebius": "https://api.studio.nebius.ai/v1",
    "neosantara": "https://api.neosantara.xyz/v1",
    "nlp_cloud": "https://api.nlpcloud.io/v1/gpu/",
    "novita": "https://api.novita.ai/v3/openai",
    "nscale": "https://inference.api.nscale.com/v1",
    "nvidia_nim": "https://integrate.api.nvidia.com/v1",
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "parasail": "https://api.parasail.io/v1",
    "perplexity": "https://api.perplexity.ai",
    "pinstripes": "https://pinstripes.io/v1",
    "poe": "https://api.poe.com/v1",
    "prism": "https://api.prisminference.com/v1",
    "publicai": "https://api.publicai.co/v1",
    "qwen_ai_platform": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "qwencloud": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "reka": "https://api.reka.ai/v1",
    "replicate": "https://api.replicate.com/v1",
    "sail": "https://api.sailresearch.com/v1",
    "sambanova": "https://api.sambanova.ai/v1",
    "scaleway": "https://api.scaleway.ai/v1",
    "scx-ai": "https://api.scx.ai/v1",
    "soniox": "https://api.soniox.com",
    "synthetic": "https://api.synthetic.new/openai/v1",
    "tencent": "https://tokenhub-intl.tencentcloudmaas.com/v1",
    "tensormesh": "https://serverless.tensormesh.ai/v1",
    "text-completion-openai": "https://api.openai.com/v1",
    "together_ai": "https://api.together.ai/v1",
    "v0": "https://api.v0.dev/v1",
    "vercel_ai_gateway": "https://ai-gateway.vercel.sh/v1",
    "volcengine": "https://ark.cn-beijing.volces.com/api/v3",
    "wandb": "https://api.inference.wandb.ai/v1",
    "xai": "https://api.x.ai/v1",
    "xiaomi_mimo": "https://api.xiaomimimo.com/v1",
    "xinference": "http://127.0.0.1:9997/v1",
    "zai": "https://api.z.ai/api/paas/v4",
}
"""By LiteLLM's name of the provider."""

BY_OPENAI_SDK: Final = frozenset(
    """
    ai21_chat aiml apertis assemblyai azure azure_text baseten cerebras charity_engine chutes codestral cognition
    cortecs custom_openai darkbloom dashscope deepinfra docker_model_runner empower featherless_ai friendliai
    galadriel github helicone hyperbolic inception lambda_ai libertai litellm_proxy llamafile lm_studio meta
    meta_llama modelscope moonshot morph nano-gpt nebius neosantara novita nscale nvidia_nim openai parasail
    perplexity pinstripes poe prism publicai qwen_ai_platform qwencloud reka sail sambanova scaleway scx-ai
    synthetic tencent tensormesh text-completion-openai v0 vercel_ai_gateway volcengine wandb xiaomi_mimo
    xinference zai
    """.split()
)
"""Those that LiteLLM reaches by OpenAI's SDK, which adds headers from the environment by itself; a test compares."""
