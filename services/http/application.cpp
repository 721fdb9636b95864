#include "services/http/application.hpp"

#include "services/http/negotiation.hpp"
#include "services/http/request_mark.hpp"
#include "services/http/status.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace diaban::services::http {

namespace {

std::vector<std::string> patterns(Router const& router) {
    std::vector<std::string> names;
    for (auto const& route : router.routes())
        names.push_back(fmt::format("{} {}", to_string(route.method), route.pattern));
    return names;
}

/// GET brings HEAD, and every path has OPTIONS.
std::string allow(std::vector<Method> methods) {
    if (std::ranges::find(methods, Method::get) != methods.end()) methods.push_back(Method::head);
    methods.push_back(Method::options);
    std::ranges::sort(methods);
    auto const repeated = std::ranges::unique(methods);
    methods.erase(repeated.begin(), repeated.end());
    std::vector<std::string> names;
    for (auto const method : methods) names.emplace_back(to_string(method));
    return join(names);
}

/// Scheme and host as the client sees them; a trusted proxy says X-Forwarded-Proto and -Host.
std::string origin_of(Request const& request, bool proxied) {
    bool const secure = proxied && request.header("x-forwarded-proto") == "https";
    auto const scheme = secure ? "https" : "http";
    auto const forwarded = proxied ? request.header("x-forwarded-host") : "";
    bool const plain = !forwarded.empty() && std::ranges::all_of(forwarded, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    });
    auto const host = plain ? forwarded : request.host.empty() ? "localhost" : request.host;
    return fmt::format("{}://{}", scheme, host);
}

/// Joins what a client is told with what the log says.
std::string new_reference() {
    thread_local std::mt19937 random{std::random_device{}()};
    return fmt::format("{:06X}", random() & 0xffffffu);
}

/// What a visitor lacks is said: to those who did not sign in, that they may.
void check_need(access::Need need, access::Visitor const& visitor) {
    using access::Need;
    auto const& rights = *visitor.rights;
    bool const signed_in = visitor.way != access::Visitor::Way::anonymous;
    bool has = true;
    switch (need) {
    case Need::open:
    case Need::read: return;
    case Need::edit: has = rights.may(access::Action::edit); break;
    case Need::account: has = signed_in; break;
    case Need::administer: has = rights.may(access::Duty::administer); break;
    case Need::audit: has = rights.may(access::Duty::audit); break;
    case Need::operate: has = rights.may(access::Duty::operate); break;
    }
    if (!has) throw geo::Error{geo::Code::forbidden, signed_in ? "not-allowed" : "sign-in-needed"};
}

/// A browser sends a session's cookie whoever made it ask; only pages of this server know the rest.
void check_origin_of_change(Request const& request, access::Visitor const& visitor) {
    bool const reads = request.method == Method::get || request.method == Method::head;
    if (reads || visitor.way != access::Visitor::Way::session) return;
    if (request.header("x-csrf-token") != visitor.csrf)
        throw geo::Error{geo::Code::forbidden, "csrf-token", {{"parameter", "X-CSRF-Token"}}};
}

/// Ids in a path parameter of that name; none in others.
std::vector<std::string_view> collections_in(std::string_view name, std::string_view text) {
    if (name == "collectionId") return {text};
    std::vector<std::string_view> ids;
    if (name != "collections") return ids;
    for (;;) {
        auto const comma = text.find(',');
        ids.push_back(text.substr(0, comma));
        if (comma == text.npos) return ids;
        text.remove_prefix(comma + 1);
    }
}

/// Collections that a path names must be there for the visitor, whatever else is wrong.
void check_collections(Route const& route, std::span<std::string const> texts,
                       access::Visitor const& visitor) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (auto const id : collections_in(route.names[i], texts[i]))
            if (!visitor.rights->find(id, access::Action::read)) throw unknown_collection(id);
}

/// Answers to different visitors are different answers; those to whom somebody signed in for are
/// nobody else's.
void keep_apart(access::Visitor const& visitor, Response& response) {
    response.with("Vary", "Authorization, Cookie");
    if (visitor.way == access::Visitor::Way::anonymous) return;
    for (auto& [name, value] : response.headers)
        if (name == "Cache-Control" && value == "no-cache") value = "private, no-cache";
}

/// What people send is taken before what they look at, and what tells of the crowd always.
bool must_be_let_in(Request const& request) {
    bool const looks = request.method == Method::get || request.method == Method::head;
    return !looks || request.path == "/healthz" || request.path == "/readyz" ||
           request.path == "/metrics";
}

/// Waits until whole ticks have passed since `begin`. To look for a row that the visitor may not
/// know takes some microseconds longer than to look for one that is not there, and nobody but us is
/// to learn that from the clock.
void await_tick(std::chrono::steady_clock::time_point begin) {
    constexpr std::chrono::microseconds tick{2000};
    auto const took = std::chrono::steady_clock::now() - begin;
    std::this_thread::sleep_until(begin + (took / tick + 1) * tick);
}

} // namespace

Application::Application(Router router, ApplicationOptions options)
    : m_router{std::move(router)}, m_options{std::move(options)}, m_metrics{patterns(m_router)},
      m_crowding{m_options.most_working} {}

Response Application::serve(Request const& request) noexcept {
    try {
        auto const mark = RequestMark::of(request);
        Marked const marked{mark};
        auto* const tracer = m_options.tracer;
        bool const keep =
            tracer != nullptr && (mark.sent ? mark.sent->sampled : tracer->keeps(mark.trace));
        traces::Scope span{tracer, mark.trace, mark.sent ? mark.sent->parent : "", keep};
        span.add("diaban.request", mark.id);
        return answer_marked(request, span).with("X-Request-Id", mark.id);
    } catch (...) { // no memory even to say so
        return Response{.status = 503, .headers = {}, .body = {}};
    }
}

/// Names of OpenTelemetry's semantic conventions for HTTP.
void Application::describe(traces::Scope& span, Request const& request, Metrics::Asked const& asked,
                           Response const& response) const {
    if (!span.kept()) return;
    auto const& routes = m_router.routes();
    auto const method = std::string{to_string(request.method)};
    auto const route = asked.route < routes.size() ? routes[asked.route].pattern : "";
    span.name(route.empty() ? method : method + " " + route);
    span.add("http.request.method", method);
    if (!route.empty()) span.add("http.route", route);
    span.add("url.path", std::string{request.path.substr(0, 200)});
    span.add("http.response.status_code", std::int64_t{response.status});
    if (response.status >= 500) span.fail();
}

Response Application::answer_marked(Request const& request, traces::Scope& span) noexcept {
    auto const begin = std::chrono::steady_clock::now();
    auto asked = m_metrics.no_route();
    Response response;
    try {
        try {
            Crowding::Place const place{m_crowding, must_be_let_in(request), begin};
            if (!place.taken()) throw geo::Error{geo::Code::unavailable, "too-crowded"};
            response = answer_request(request, asked);
        } catch (geo::Error const& error) {
            response = explain(error, request, status_of(error));
        } catch (std::exception const& fault) {
            response = explain(geo::Error{geo::Code::internal, "internal", {}, fault.what()},
                               request, 500);
        }
        if (response.status == 401) response.with("WWW-Authenticate", "Bearer realm=\"diaban\"");
        allow_reading(request, response);
        if (response.status == 404 || response.nothing) await_tick(begin);
        auto const took = std::chrono::steady_clock::now() - begin;
        if (m_options.server_timing)
            response.with("Server-Timing",
                          fmt::format("app;dur={:.3f}",
                                      std::chrono::duration<double, std::milli>(took).count()));
        m_metrics.count(asked, response.status, took, response.body.bytes().size());
        describe(span, request, asked, response);
        spdlog::debug("{} {} {} {} bytes {:.3f} ms", to_string(request.method), request.path,
                      response.status, response.body.bytes().size(),
                      std::chrono::duration<double, std::milli>(took).count());
    } catch (...) { // no memory even to say so
        response = Response{.status = 503, .headers = {}, .body = {}};
    }
    return response;
}

Response Application::refuse(Refusal const& refusal, Request const& request) noexcept {
    try {
        auto const mark = RequestMark::of(request);
        Marked const marked{mark};
        auto response =
            explain(geo::Error{geo::Code::bad_input, refusal.type, {{"value", refusal.value}}},
                    request, refusal.status);
        m_metrics.count(m_metrics.no_route(), refusal.status, {}, response.body.bytes().size());
        response.with("X-Request-Id", mark.id);
        return response;
    } catch (...) {
        return Response{.status = refusal.status, .headers = {}, .body = {}};
    }
}

/// Whoever shows what does not hold is nobody known.
void Application::count(Request const& request) const {
    if (m_options.limits == nullptr) return;
    auto const client = client_of(request, m_options.limits->bounds().trusted);
    if (client.own) return;
    auto visitor = access::Visitor::nobody();
    bool const shows =
        !request.header("authorization").empty() || !request.header("cookie").empty();
    if (shows && m_options.gate != nullptr) try {
            visitor = m_options.gate->admit(request);
        } catch (geo::Error const&) {
        }
    m_options.limits->take(client, visitor);
}

/// Counts what a path names, once a handler has answered: then it is there.
void Application::name_collections(Route const& route, std::span<std::string const> texts,
                                   Metrics::Asked& asked) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (auto const id : collections_in(route.names[i], texts[i])) m_metrics.name(asked, id);
}

Response Application::answer_request(Request const& request, Metrics::Asked& asked) {
    count(request);
    auto const match = m_router.find(request.method, request.path);
    if (!match.route) {
        if (request.method == Method::options) return answer_options(request, match);
        if (match.allowed.empty())
            throw geo::Error{geo::Code::not_found,
                             "no-path",
                             {{"value", std::string{request.path.substr(0, 200)}}}};
        auto const accepted = allow(match.allowed);
        auto response = explain(
            geo::Error{geo::Code::unsupported,
                       "method-not-allowed",
                       {{"value", std::string{to_string(request.method)}}, {"accepted", accepted}}},
            request, 405);
        response.with("Allow", accepted);
        return response;
    }
    asked.route = static_cast<std::size_t>(match.route - m_router.routes().data());
    auto const query = Query::parse(request.query);
    auto const language = query.find("lang");
    if (language && !language_named(*language))
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", "lang"},
                          {"value", std::string{language->substr(0, 64)}},
                          {"accepted", "vi, en"}}};
    Router::check_parameters(*match.route, query);
    auto const visitor = admit(request, *match.route);
    bool const proxied =
        m_options.limits != nullptr && m_options.limits->bounds().trusted.contains(request.peer);
    auto const origin = origin_of(request, proxied);
    Context const context{request, query,
                          choose_language(language, request.header("accept-language")), visitor,
                          origin};
    if (match.route->need == access::Need::open) return match.route->handler(context, match.texts);
    check_collections(*match.route, match.texts, visitor);
    auto response = match.route->handler(context, match.texts);
    if (response.status != 404) name_collections(*match.route, match.texts, asked);
    keep_apart(visitor, response);
    return response;
}

access::Visitor Application::admit(Request const& request, Route const& route) const {
    if (route.need == access::Need::open || m_options.gate == nullptr)
        return access::Visitor::nobody();
    auto visitor = m_options.gate->admit(request);
    check_origin_of_change(request, visitor);
    check_need(route.need, visitor);
    return visitor;
}

Response Application::answer_options(Request const& request, Router::Match const& match) const {
    if (request.path != "*" && match.allowed.empty())
        throw geo::Error{
            geo::Code::not_found, "no-path", {{"value", std::string{request.path.substr(0, 200)}}}};
    Response response{.status = 200, .headers = {}, .body = {}}; // OGC API Features, Part 4
    auto const allowed = allow(request.path == "*" ? std::vector{Method::get} : match.allowed);
    response.with("Allow", allowed);
    if (may_read(request) && !request.header("access-control-request-method").empty())
        response.with("Access-Control-Allow-Methods", allowed)
            .with("Access-Control-Allow-Headers",
                  "Accept, Accept-Language, If-None-Match, Content-Type, If-Match, Prefer, "
                  "Idempotency-Key, Change-Reason, Content-Crs, Last-Event-ID, Cache-Control, "
                  "Range, If-Range, X-Request-Id, Traceparent")
            .with("Access-Control-Max-Age", "600");
    return response;
}

Response Application::explain(geo::Error const& error, Request const& request, int status) {
    std::optional<std::string_view> asked;
    if (auto const at = request.query.find("lang="); at != std::string_view::npos)
        asked = request.query.substr(at + 5, 2);
    auto const language = choose_language(asked, request.header("accept-language"));
    if (status == 503) m_refusals.note(error);
    if (status != 500) return problem(error, status, language, request.path);
    // Ours to mend: the log has it all, the client a reference to find it by.
    auto const reference = new_reference();
    spdlog::error("[{}] {} {}: {}", reference, to_string(request.method), request.path,
                  error.what());
    return problem(geo::Error{geo::Code::internal, "internal", {{"reference", reference}}}, status,
                   language, request.path);
}

bool Application::may_read(Request const& request) const {
    auto const origin = request.header("origin");
    auto const& allowed = m_options.allow_origin;
    if (origin.empty()) return false;
    return allowed == "*" || origin == allowed || is_own_page(request);
}

/// A page of this server, which lies on another port.
bool Application::is_own_page(Request const& request) const {
    if (m_options.pages_port == 0) return false;
    auto const origin = request.header("origin");
    auto const host = request.host.substr(0, request.host.rfind(':'));
    return origin == fmt::format("http://{}:{}", host, m_options.pages_port) ||
           origin == fmt::format("https://{}:{}", host, m_options.pages_port);
}

void Application::allow_reading(Request const& request, Response& response) const {
    auto const& allowed = m_options.allow_origin;
    if (allowed.empty() && m_options.pages_port == 0) return;
    if (allowed != "*") response.with("Vary", "Origin");
    if (!may_read(request)) return;
    // Of who signed in, what they may see goes to pages of this server and to no others.
    if (is_own_page(request) && allowed != "*")
        response.with("Access-Control-Allow-Credentials", "true");
    response
        .with("Access-Control-Allow-Origin",
              allowed == "*" ? allowed : std::string{request.header("origin")})
        .with("Access-Control-Expose-Headers",
              "ETag, Link, Location, Content-Crs, Preference-Applied, Diaban-Shown, Diaban-Total, "
              "Diaban-Min-Zoom, Accept-Ranges, Content-Range, Content-Disposition, "
              "X-Request-Id");
}

} // namespace diaban::services::http
