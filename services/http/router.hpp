#pragma once

#include "geo/error.hpp"
#include "geo/policy.hpp"
#include "services/access/visitor.hpp"
#include "services/http/message.hpp"
#include "services/http/messages.hpp"
#include "services/http/uri.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace diaban::services::http {

/// What a handler knows of the request besides its path parameters.
struct Context {
    Request const& request;
    Query const& query;
    Language language = Language::vi;
    access::Visitor const& visitor;
    std::string_view origin; ///< scheme and host as the client sees them: `http://host:8080`

    /// Whether the visitor may know that there is such a collection.
    [[nodiscard]] bool sees(std::string_view collection) const noexcept;
    /// Under which policy the visitor reads a collection.
    /// Throws   Error{not_found, "unknown-collection"}, as for one that is not there.
    [[nodiscard]] geo::Policy const& policy(std::string_view collection) const;
    /// Under which policy the visitor changes its rows.
    /// Throws   as `policy`; Error{forbidden, …}: "sign-in-needed" or "edit-forbidden".
    [[nodiscard]] geo::Policy const& edit_policy(std::string_view collection) const;
};

/// What is said of a collection that is not there, or not for the visitor.
[[nodiscard]] geo::Error unknown_collection(std::string_view id);

namespace route {

/// Reads a path parameter of type T. Throws Error{bad_input, "bad-path-parameter"}.
template <class T>
T convert(std::string_view name, std::string const& text);
template <>
std::string convert<std::string>(std::string_view name, std::string const& text);
template <>
std::uint32_t convert<std::uint32_t>(std::string_view name, std::string const& text);
template <>
std::int64_t convert<std::int64_t>(std::string_view name, std::string const& text);

/// The parameter types of a handler `Response(Context const&, A…)`, taken from its signature.
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class... A>
struct Signature<Response (*)(Context const&, A...)> {
    using Parameters = std::tuple<std::remove_cvref_t<A>...>;
};
template <class C, class... A>
struct Signature<Response (C::*)(Context const&, A...) const> {
    using Parameters = std::tuple<std::remove_cvref_t<A>...>;
};

} // namespace route

/// One path of the API: a pattern, a method, what it needs of the visitor, the query parameters it
/// accepts, a handler.
///
/// Need      who does not have it is refused before the handler is called. A path parameter
///           `collectionId`, or a list `collections`, names only collections that the visitor sees.
/// Pattern   segments are literal, or `{name}` with a literal prefix or suffix (`{row}.mvt`);
///           a last segment `{name...}` takes the rest of the path, slashes and all.
struct Route {
    struct Segment {
        std::string prefix; ///< the whole segment where `name` is empty
        std::string name;
        std::string suffix;
    };

    Method method = Method::get;
    access::Need need = access::Need::administer;
    std::string pattern;
    std::vector<Segment> segments;
    bool takes_rest = false;
    std::vector<std::string> names; ///< of path parameters, in order
    /// Query parameters; `lang` is accepted everywhere. `*`: any, the resource reads them itself.
    std::vector<std::string> accepted;
    std::function<Response(Context const&, std::span<std::string const>)> handler;
};

/// Finds the route of a request. Filled once, then read by any number of threads.
class Router {
public:
    /// Adds a route. The types of `handler`'s parameters after the context are those of the path
    /// parameters, in order: std::string, std::uint32_t or std::int64_t.
    template <class F>
    void add(Method method, access::Need need, std::string_view pattern,
             std::vector<std::string> accepted, F handler) {
        using Parameters = typename route::Signature<F>::Parameters;
        auto& added =
            append(method, need, pattern, std::move(accepted), std::tuple_size_v<Parameters>);
        added.handler = [handler = std::move(handler), names = added.names](
                            Context const& context, std::span<std::string const> texts) {
            return call<Parameters>(handler, context, names, texts,
                                    std::make_index_sequence<std::tuple_size_v<Parameters>>{});
        };
    }
    template <class F>
    void get(access::Need need, std::string_view pattern, std::vector<std::string> accepted,
             F handler) {
        add(Method::get, need, pattern, std::move(accepted), std::move(handler));
    }

    struct Match {
        Route const* route = nullptr; ///< absent: `allowed` says why
        std::vector<std::string> texts;
        std::vector<Method> allowed; ///< methods of the path; empty: there is no such path
    };
    /// HEAD is answered by the GET of a path.
    /// Throws   Error{bad_input, "bad-percent-encoding"} if the path cannot be decoded.
    [[nodiscard]] Match find(Method method, std::string_view path) const;

    /// Throws   Error{bad_input, "unknown-parameter"} naming the first that `route` does not
    /// accept.
    static void check_parameters(Route const& route, Query const& query);

    [[nodiscard]] std::vector<Route> const& routes() const noexcept { return m_routes; }

private:
    template <class Parameters, class F, std::size_t... I>
    static Response call(F const& handler, Context const& context,
                         [[maybe_unused]] std::vector<std::string> const& names,
                         [[maybe_unused]] std::span<std::string const> texts,
                         std::index_sequence<I...>) {
        return handler(context,
                       route::convert<std::tuple_element_t<I, Parameters>>(names[I], texts[I])...);
    }

    Route& append(Method method, access::Need need, std::string_view pattern,
                  std::vector<std::string> accepted, std::size_t parameters);

    std::vector<Route> m_routes;
};

/// `a, b, c`.
[[nodiscard]] std::string join(std::span<std::string const> words);

} // namespace diaban::services::http
