#pragma once

#include "data/model/access.hpp"
#include "services/api/json.hpp"
#include "services/http/message.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// Accounts, roles and tokens as JSON, and what of them requests bring.

inline constexpr char token_scopes_accepted[] =
    "read, edit, personal, count (each also with :collection), administer, audit, operate";

/// An answer for whoever asked alone.
[[nodiscard]] http::Response private_json(int status, Json const& json);
[[nodiscard]] http::Response no_content();

/// Throws   Error{bad_input, "bad-member"} naming the member of the body.
[[noreturn]] void refuse_member(std::string_view name, std::string_view value,
                                std::string_view accepted);
/// A text of the body, of 2000 bytes at most; empty where it may be absent and is.
[[nodiscard]] std::string text_in(nlohmann::json const& body, char const* name,
                                  bool may_lack = false);
/// An array of texts; empty where it is absent.
[[nodiscard]] std::vector<std::string> words_in(nlohmann::json const& body, char const* name);
/// Throws   Error{bad_input, "bad-password"}.
[[nodiscard]] std::string acceptable_password(std::string text);

/// Null if there is none.
[[nodiscard]] data::model::Account const* find_account(data::model::AccessRecord const& record,
                                                       std::string_view login) noexcept;

[[nodiscard]] Json describe_token(data::model::Token const& token);
[[nodiscard]] Json describe_account(data::model::Account const& account);
[[nodiscard]] Json describe_role(data::model::AccessRole const& role);
/// `{title, administer, audit, operate, grants: [{collection, action, everywhere, level, masked,
/// scopes: [{unit, from, to}]}]}`; what is not given is not granted.
[[nodiscard]] data::model::AccessRole read_role(std::string const& name,
                                                nlohmann::json const& body);

} // namespace diaban::services::api
