"""What `llm.extra` may not hold: LiteLLM's arguments for connection, routing, credentials, callbacks and mocks.

`extra` is handed to LiteLLM, which passes what it does not know to the provider: there is no list of what is allowed,
so this is a list of what is not. Read off litellm 1.106.2: the signature of `completion`, `litellm.types.utils`
(all_litellm_params), `litellm.types.router` (GenericLiteLLMParams and what it inherits) and the providers' own
connection arguments.
"""

from __future__ import annotations

from typing import Final

_PREFIXES: Final = tuple(
    """
    _ adaptive_router_ annotation_cost_ anthropic_ arize_ auto_router_ aws_ azure_ bitbucket_ cache_creation_input_
    cache_read_input_ complexity_router_ databricks_ dd_ gcs_ gigachat_ gitlab_ humanloop_ input_cost_per_ langfuse_
    langsmith_ litellm_ milvus_ mock_ mongodb_ newrelic_ oci_ ocr_cost_ openai_ output_cost_per_ phoenix_ posthog_
    predibase_ quality_router_ regional_ s3_ sagemaker_ signoz_ slack_ user_api_key valkey_ vertex_ wandb_ watsonx_
    weave_ wx_ wxo_
    """.split()
)
_SUFFIXES: Final = tuple(
    """
    _access_token _api_base _api_key _api_url _base_url _callback _callbacks _credentials _fallbacks _password
    _private_key _router_config _secret _secret_key _secret_ref _token_file
    """.split()
)
_NAMES: Final = frozenset(
    """
    account account_id acompletion aembedding agent_extra_headers agent_id agentcore_runtime_session_id
    aimg_generation allm_passthrough_route allow_client_keepalive_override allowed_model_region anthropic-workspace-id
    api-key api-version apikey aresponses arn assistant_continue_message assistant_id async_call
    async_http_client atext_completion attempted_targets auth auth_mode authorization background base_model
    bedrock_tags bos_token braintrust_host braintrust_project bucket_name budget_duration cache cache_key caching
    caching_groups callbacks citation_cost_per_token client client_id client_side_timeout complete_response
    completion_call_id configurable_clientside_auth_params context_window_fallback_dict cooldown_time cost_per_query
    cost_per_second cp4d_host custom_endpoint custom_llm_provider custom_prompt_dict data_residency
    default_api_key_rpm_limit default_api_key_tpm_limit default_headers deployment_id deployment_url deployments
    disable_add_transform_inline_image_block embedding_model enable_prompt_caching enable_tag_filtering endpoint
    engine ensure_alternating_roles eos_token extra_body extra_query fake_stream fallback_depth fallback_models
    fallback_sap_modules fastest_response final_prompt_value fireworks_forward_user_id follow_redirects
    force_timeout gdc_token_caching google_maps_grounding_cost_per_query guardrails headers hf_model_name
    http_client id include_fallback_errors index_name input instance_id itpm keepalive_seconds
    log_client_error_tracebacks logger_fn logging_obj lunary_public_key max_agentic_loops max_budget
    max_file_size_mb max_parallel_requests mcp_servers messages metadata model_alias_map model_config
    model_file_id_mapping model_group_retry_policy model_id model_info model_list models no-log no_log
    nvcf_function_id optional_params order organization otpm output_vector_size passthrough
    passthrough_on_no_deployment password preset_cache_key previous_response_id priority project project_id prompt
    prompt_environment prompt_id prompt_label prompt_variables prompt_version providerOptions
    provider_affinity_header provider_specific_header proxy_config proxy_server_request region region_name
    request_data retry_policy retry_strategy role roles route routing_groups routing_strategy routing_strategy_args
    rpm runtimeSessionId runtimeUserId search_context_cost_per_query search_tool_name secret_fields session
    sessionID session_id shared_session silent_model space_id specific_deployment ssl_certificate ssl_verify
    standard_callback_dynamic_params standard_logging_object stream stream_chunk_size stream_options stream_response
    stream_timeout_by_service_tier supports_system_message tag_regex tags tenant_id text_completion thread_id
    tiered_pricing timeout_by_service_tier token token_provider tpm ttl turn_off_message_logging
    use_chat_completions_api use_client use_in_pass_through use_litellm_proxy use_psc_endpoint_format use_ssl
    use_xai_oauth user_agent user_config user_continue_message username vector_bucket_name vector_store_id
    vector_store_ids verbose verify weight workspace workspace_id
    """.split()
)
_OTHER_SPELLINGS: Final = {
    "additionalModelRequestFields": "llm",
    "base_url": "api_base",
    "generationConfig": "llm",
    "generation_config": "llm",
    "inferenceConfig": "llm",
    "maxOutputTokens": "max_tokens",
    "maxTokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_new_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_retries": "num_retries",
    "max_tokens_to_sample": "max_tokens",
    "num_predict": "max_tokens",
    "output_format": "response_format",
    "request_timeout": "timeout",
    "responseFormat": "response_format",
    "response_mime_type": "response_format",
    "response_schema": "response_format",
    "stopSequences": "stop",
    "stop_sequences": "stop",
    "topP": "top_p",
    "url": "api_base",
}
"""Arguments that would say again, past the format, what a key of the format says."""


def refusal(key: str, format_keys: frozenset[str]) -> str | None:
    """What to do about a key that `extra` may not hold; None where it may."""
    if key in format_keys:
        return f"write it beside extra: llm.{key}"
    if key in _OTHER_SPELLINGS:
        return f"use {_OTHER_SPELLINGS[key]}, outside of extra"
    name = key.replace("-", "_").lower()
    if name in _NAMES or key in _NAMES or name.startswith(_PREFIXES) or name.endswith(_SUFFIXES):
        return "connections belong under providers; the rest is not the configuration's to say"
    return None
