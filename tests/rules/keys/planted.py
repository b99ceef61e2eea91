"""Keys as providers give them out, made anew from parts, so that none lies in this repository for others to find."""

from __future__ import annotations

import random
import string

ALNUM = string.ascii_letters + string.digits
URL_SAFE = ALNUM + "-_"
HEX = "0123456789abcdef"


def _text(letters: str, length: int, seed: int) -> str:
    """Random, the same each time, beginning and ending with a letter or digit as keys mostly do."""
    source = random.Random(seed)
    inner = "".join(source.choice(letters) for _ in range(length - 2))
    outer = [one for one in letters if one.isalnum()]
    return source.choice(outer) + inner + source.choice(outer)


def planted(seed: int = 0) -> dict[str, str]:
    """A key of each format that says itself what it is, by name."""

    def text(letters: str, length: int) -> str:
        return _text(letters, length, seed)

    upper = string.ascii_uppercase + string.digits
    return {
        "OpenAI, project": "sk-" + "proj-" + text(URL_SAFE, 74) + "T3Blbk" + "FJ" + text(URL_SAFE, 74),
        "OpenAI, service account": "sk-" + "svcacct-" + text(URL_SAFE, 58) + "T3Blbk" + "FJ" + text(URL_SAFE, 58),
        "OpenAI, old": "sk-" + text(ALNUM, 20) + "T3Blbk" + "FJ" + text(ALNUM, 20),
        "Anthropic": "sk-" + "ant-api03-" + text(URL_SAFE, 93) + "AA",
        "Anthropic, admin": "sk-" + "ant-admin01-" + text(URL_SAFE, 93) + "AA",
        "Google AI": "AI" + "za" + text(URL_SAFE, 35),
        "Google, service account": "-----BEGIN " + "PRIVATE KEY-----\\n" + text(ALNUM + "+/", 64),
        "AWS": "AK" + "IA" + text(upper, 16),
        "Amazon Bedrock": "AB" + "SK" + text(ALNUM, 110) + "=",
        "Azure AI": text(ALNUM, 52) + "JQ" + "QJ99" + text(ALNUM, 26),
        "Groq": "gs" + "k_" + text(ALNUM, 52),
        "xAI": "xa" + "i-" + text(ALNUM, 80),
        "Perplexity": "pp" + "lx-" + text(ALNUM, 48),
        "Hugging Face": "h" + "f_" + text(string.ascii_letters, 34),
        "OpenRouter": "sk-" + "or-v1-" + text(HEX, 64),
        "DeepSeek": "sk-" + text(HEX, 32),
        "Replicate": "r8" + "_" + text(ALNUM, 37),
        "NVIDIA": "nv" + "api-" + text(URL_SAFE, 64),
        "Fireworks": "fw" + "_" + text(ALNUM, 24),
        "Cerebras": "cs" + "k-" + text(string.ascii_lowercase + string.digits, 48),
        "Together": "tg" + "p_v1_" + text(URL_SAFE, 43),
        "LangSmith": "ls" + "v2_pt_" + text(HEX, 32) + "_" + text(HEX, 10),
        "Databricks": "da" + "pi" + text(HEX, 32),
        "ElevenLabs": "sk" + "_" + text(HEX, 48),
        "Tavily": "tv" + "ly-" + text(ALNUM, 32),
        "Pinecone": "pc" + "sk_" + text(ALNUM, 60),
        "GitHub": "gh" + "p_" + text(ALNUM, 36),
        "GitHub, fine-grained": "github" + "_pat_" + text(ALNUM, 82),
        "GitLab": "gl" + "pat-" + text(ALNUM, 20),
        "Slack": "xo" + "xb-" + text(string.digits, 12) + "-" + text(string.digits, 12) + "-" + text(ALNUM, 24),
        "Stripe": "sk" + "_live_" + text(ALNUM, 24),
        "SendGrid": "S" + "G." + text(ALNUM, 22) + "." + text(ALNUM, 43),
        "npm": "np" + "m_" + text(ALNUM, 36),
        "Vercel": "vc" + "k_" + text(ALNUM, 56),
        "HashiCorp Vault": "hv" + "s." + text(URL_SAFE, 95),
        "age": "AGE-SECRET" + "-KEY-1" + text(upper, 58),
        "JSON web token": "ey" + "J" + text(ALNUM, 33) + ".ey" + "J" + text(ALNUM, 60) + "." + text(URL_SAFE, 43),
    }


def without_format(seed: int = 0) -> dict[str, str]:
    """Keys of providers that put nothing in front: only the name before them, or chance itself, gives them away."""
    return {
        "Mistral": _text(ALNUM, 32, seed),
        "Cohere": _text(ALNUM, 40, seed),
        "Azure, old": _text(HEX, 32, seed),
        "AI21": _text(ALNUM, 32, seed + 1),
        "Together, old": _text(HEX, 64, seed),
        "AWS, secret": _text(ALNUM + "+", 40, seed),
        "Weights & Biases": _text(HEX, 40, seed),
    }
