#pragma once

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::geo {

/// Why a request cannot be finished. The HTTP edge maps each to one status, in one place.
enum class Code {
    bad_input,   ///< what was asked cannot be read, or lies outside what is accepted
    not_found,   ///< the thing named does not exist, or may not be known to exist
    conflict,    ///< the thing changed since it was read, or exists already
    forbidden,   ///< known and not allowed
    unsupported, ///< a form, method or media type that is not offered
    too_large,   ///< beyond a stated bound
    unavailable, ///< for the moment: try again
    internal,    ///< our own fault
};

/// The one exception of Diaban.
///
/// `type`        names the kind of error in the catalogue of sentences (`bad-bbox`,
/// `unknown-field`);
///               the sentences themselves, Vietnamese and English, live in that catalogue alone.
/// `parameters`  fill the sentence: the offending part, what is accepted. Shown to the client.
/// `detail`      for the log only (SQL state, path); never shown to a client.
class Error : public std::exception {
public:
    using Parameters = std::vector<std::pair<std::string, std::string>>;

    Error(Code code, std::string type, Parameters parameters = {}, std::string detail = {})
        : m_code{code}, m_type{std::move(type)},
          m_parameters{std::move(parameters)}, m_detail{std::move(detail)} {
        m_what = m_type;
        for (auto const& [name, value] : m_parameters) m_what += " " + name + "=" + value;
        if (!m_detail.empty()) m_what += " (" + m_detail + ")";
    }

    [[nodiscard]] Code code() const noexcept { return m_code; }
    [[nodiscard]] std::string const& type() const noexcept { return m_type; }
    [[nodiscard]] Parameters const& parameters() const noexcept { return m_parameters; }
    [[nodiscard]] std::string const& detail() const noexcept { return m_detail; }
    /// All of it in one line, for logs and test output.
    [[nodiscard]] char const* what() const noexcept override { return m_what.c_str(); }

private:
    Code m_code;
    std::string m_type;
    Parameters m_parameters;
    std::string m_detail;
    std::string m_what;
};

} // namespace diaban::geo
