"""Formats of keys from secretlint 13.0.7, under the licence in NOTICE: scripts/detector.py."""

# ruff: noqa: E501

from __future__ import annotations

from typing import Final

from agentconf.rules.keys.pattern import Pattern

PATTERNS: Final = (
    Pattern("AWS access key", ("A3T", "AKIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "ASIA"), "\\b(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}\\b"),
    Pattern("npm token", ("npm_",), "(?<![^\\W\\d_])npm_[A-Za-z0-9_]{36}(?![A-Za-z0-9_])"),
    Pattern("Slack token", ("xoxb-", "xoxp-", "xapp-", "xoxa-", "xoxo-", "xoxr-"), "\\b(?:xoxb|xoxp|xapp|xoxa|xoxo|xoxr)-(?:\\d-)?(?:[a-zA-Z0-9]{1,40}-)+[a-zA-Z0-9]{1,40}\\b"),
    Pattern("Slack webhook", ("hooks.slack.com",), "(?i)https://hooks\\.slack\\.com/services/T[a-zA-Z0-9]{1,40}/B[a-zA-Z0-9]{1,40}/[a-zA-Z0-9]{1,40}"),
    Pattern("Linear API key", ("lin_api_",), "(?<![^\\W\\d_])lin_api_[a-zA-Z0-9_]{32,128}(?![a-zA-Z0-9_])"),
    Pattern("Notion token", ("ntn_",), "(?<![^\\W\\d_])ntn_[0-9]{11}[A-Za-z0-9]{35}(?![A-Za-z0-9])"),
    Pattern("Shopify token", ("shppa_", "shpca_", "shpat_", "shpss_"), "(?<![^\\W\\d_])(shppa|shpca|shpat|shpss)_[a-zA-Z0-9]{32,64}(?![a-zA-Z0-9])"),
    Pattern("Stripe key", ("sk_live_", "sk_test_", "rk_live_", "rk_test_"), "(?<![^\\W\\d_])(?P<prefix>sk_live|sk_test|rk_live|rk_test)_[a-zA-Z0-9]{24,99}(?![a-zA-Z0-9])"),
    Pattern("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "(?<![^\\W\\d_])(?P<type>ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{36}(?![A-Za-z0-9_])"),
    Pattern("GitHub fine-grained token", ("github_pat_",), "(?<![^\\W\\d_])(?P<type>github_pat)_[A-Za-z0-9_]{82}(?![A-Za-z0-9_])"),
    Pattern("GitLab token", ("glpat-",), "(?<![^\\W\\d_])glpat-[A-Za-z0-9_-]{20,128}(?![A-Za-z0-9_-])"),
    Pattern("Grafana Cloud token", ("glc_",), "(?<![^\\W\\d_])glc_[A-Za-z0-9+/]{32,400}={0,2}(?![A-Za-z0-9+/=])"),
    Pattern("Grafana service account token", ("glsa_",), "(?<![^\\W\\d_])glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}(?![A-Fa-f0-9])"),
    Pattern("1Password service account token", ("ops_ey",), "(?<![^\\W\\d_])ops_(ey[A-Za-z0-9+/=]{100,1280}fQ={0,2})(?![A-Za-z0-9+/=])"),
    Pattern("HashiCorp Vault token", ("hvs.",), "(?<![^\\W\\d_])hvs\\.[A-Za-z0-9_-]{90,120}(?![A-Za-z0-9_-])"),
    Pattern("HashiCorp Vault batch token", ("hvb.",), "(?<![^\\W\\d_])hvb\\.[A-Za-z0-9_-]{138,300}(?![A-Za-z0-9_-])"),
    Pattern("Vercel token", ("vcp_", "vci_", "vca_", "vcr_", "vck_"), "(?<![^\\W\\d_])(?P<prefix>vcp|vci|vca|vcr|vck)_[A-Za-z0-9]{20,60}(?![A-Za-z0-9])"),
    Pattern("Databricks token", ("dapi",), "(?<![^\\W\\d_])dapi[A-Fa-f0-9]{32}(?:-[0-9])?(?![A-Fa-f0-9])"),
    Pattern("Docker access token", ("dckr_pat_",), "(?<![^\\W\\d_])dckr_pat_[a-zA-Z0-9_-]{27}(?![a-zA-Z0-9_-])"),
    Pattern("Figma token", ("figd_",), "(?<![^\\W\\d_])figd_[A-Za-z0-9_-]{40,200}(?![A-Za-z0-9_-])"),
    Pattern("Cloudflare token", ("cfk_", "cfut_", "cfat_"), "(?<![^\\W\\d_])(?P<prefix>cfk|cfut|cfat)_[A-Za-z0-9]{40}[0-9a-f]{8}(?![A-Za-z0-9])"),
    Pattern("Tailscale key", ("tskey-",), "(?<![^\\W\\d_])tskey-(?P<type>[a-z]{2,20})-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}(?![0-9A-Za-z_])"),
)
