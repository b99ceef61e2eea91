"""The formats of keys that LLM providers and their neighbours give out, where the vendored table lacks or narrows them.

Prefixes are what the providers document. Lengths are left wide, since providers change them, and a key that is found
by its prefix alone is still a key; what follows must be as random as one. Quantifiers are possessive (`++`): a failed
match gives nothing back, so that no text makes one try the same place twice.
"""

from __future__ import annotations

from typing import Final

from agentconf.rules.keys.pattern import Pattern

_EDGE: Final = r"(?<![A-Za-z0-9])"


def _prefixed(kind: str, prefix: str, rest: str = r"[A-Za-z0-9_-]{20,256}+", needle: str = "") -> Pattern:
    """A format that begins with a fixed text. `prefix` is a pattern; `needle` the fixed text where they differ."""
    return Pattern(kind, (needle or prefix,), f"{_EDGE}{prefix}{rest}")


_PEM_BREAK: Final = r"(?:\\[nr]|[\s#>|]){0,80}+"
_PEM_HEADERS: Final = r"(?:[A-Z][A-Za-z-]{2,20}: [^\n]{1,80}\s{1,80}){0,4}"
_ALNUM: Final = "[A-Za-z0-9]"

PATTERNS: Final = (
    _prefixed("Anthropic API key", "sk-ant-", needle="sk-"),
    _prefixed("OpenRouter API key", "sk-or-", needle="sk-"),
    _prefixed("Langfuse secret key", "sk-lf-", needle="sk-"),
    _prefixed("OpenAI API key", "sk-(?:proj|svcacct|admin|service|None)-", needle="sk-"),
    _prefixed("API key in OpenAI's format", "sk-"),
    _prefixed("ElevenLabs API key", "sk_", "[0-9a-f]{40,64}+"),
    _prefixed("Google API key", "AIza", "[A-Za-z0-9_-]{30,45}+"),
    _prefixed("Google API key", r"AQ\.A", "[A-Za-z0-9_-]{30,128}+", "AQ.A"),
    _prefixed("Google OAuth token", r"ya29\.", "[A-Za-z0-9_-]{20,256}+", "ya29."),
    _prefixed("Google OAuth client secret", "GOCSPX-"),
    _prefixed("Amazon Bedrock API key", "ABSK", "[A-Za-z0-9+/]{60,200}+"),
    _prefixed("Amazon Bedrock API key", "bedrock-api-key-", "[A-Za-z0-9+/]{40,2000}+"),
    Pattern("Azure AI key", ("JQQJ99",), r"(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{20,32}+"),
    Pattern("Azure storage key", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{40,88}+={0,2}+"),
    _prefixed("Groq API key", "gsk_", _ALNUM + "{20,128}+"),
    _prefixed("xAI API key", "xai-", _ALNUM + "{20,128}+"),
    _prefixed("Perplexity API key", "pplx-", _ALNUM + "{20,128}+"),
    _prefixed("Hugging Face token", "hf_", _ALNUM + "{20,128}+"),
    _prefixed("Hugging Face token", "api_org_", _ALNUM + "{20,128}+"),
    _prefixed("Replicate API token", "r8_", _ALNUM + "{20,64}+"),
    _prefixed("NVIDIA API key", "nvapi-"),
    _prefixed("Fireworks API key", "fw_", _ALNUM + "{20,64}+"),
    _prefixed("Cerebras API key", "csk-", _ALNUM + "{20,128}+"),
    _prefixed("Together AI key", "tgp_v1_"),
    _prefixed("Voyage AI key", "pa-", "[A-Za-z0-9_-]{40,64}+"),
    _prefixed("Anyscale key", "esecret_", _ALNUM + "{20,128}+"),
    _prefixed("LangSmith API key", "lsv2_(?:pt|sk)_", "[0-9a-f]{32}_[0-9a-f]{8,12}+", "lsv2_"),
    _prefixed("Tavily API key", "tvly-"),
    _prefixed("Pinecone API key", "pcsk_"),
    _prefixed("Jina API key", "jina_"),
    _prefixed("E2B API key", "e2b_", "[0-9a-f]{30,64}+"),
    _prefixed("Firecrawl API key", "fc-", "[0-9a-f]{32,64}+"),
    _prefixed("SendGrid API key", r"SG\.", r"[A-Za-z0-9_-]{16,32}+\.[A-Za-z0-9_-]{32,64}+", "SG."),
    _prefixed("PyPI token", "pypi-AgE", "[A-Za-z0-9_-]{50,512}+"),
    _prefixed("age identity", "AGE-SECRET-KEY-1", "[A-Z0-9]{50,64}+"),
    Pattern(
        "private key", ("-----BEGIN",),
        rf"-----BEGIN (?:[A-Z0-9]{{2,10}} )?PRIVATE KEY(?: BLOCK)?-----{_PEM_BREAK}{_PEM_HEADERS}"
        rf"(?:[A-Za-z0-9+/]{{16,5000}}+={{0,2}}+{_PEM_BREAK}){{1,200}}+",
    ),
    Pattern(
        "JSON web token", ("eyJ",),
        r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{15,2000}+\.eyJ[A-Za-z0-9_-]{10,4000}+\.[A-Za-z0-9_-]{10,1000}+",
    ),
)  # fmt: skip
