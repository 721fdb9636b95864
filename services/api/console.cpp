#include "services/api/console.hpp"

#include "geo/error.hpp"
#include "services/http/static_folder.hpp"

#include <fmt/format.h>

#include <memory>

namespace diaban::services::api {

namespace {

/// Nothing leaves the machine: scripts, styles, fonts, pictures and data come from here alone, and
/// events from the live port beside it.
std::string content_security_policy(http::Context const& context, Settings const& settings) {
    auto const host = context.origin.substr(
        0, context.origin.rfind(':') > 5 ? context.origin.rfind(':') : context.origin.size());
    return fmt::format("default-src 'self'; img-src 'self' data: blob:; "
                       "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
                       "font-src 'self' data:; connect-src 'self' data: blob: {}:{}; "
                       "object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
                       host, settings.live_port);
}

http::Response answer_file(http::StaticFolder& files, Settings const& settings,
                           http::Context const& context, std::string const& path) {
    auto response = files.answer(context, path.empty() ? "index.html" : path);
    // `..` and `.` count as files: no address of the app has them.
    bool const names_file = ("/" + path).find("/.") != std::string::npos ||
                            path.substr(path.rfind('/') + 1).find('.') != std::string::npos;
    if (!response && !names_file) response = files.answer(context, "index.html");
    if (!response)
        throw geo::Error{
            geo::Code::not_found, "no-path", {{"value", "/console/" + path.substr(0, 200)}}};
    if (response->header("Content-Type").starts_with("text/html"))
        response->with("Content-Security-Policy", content_security_policy(context, settings))
            .with("Referrer-Policy", "same-origin");
    return *std::move(response);
}

} // namespace

void add_console(http::Router& router, Backing const& backing) {
    auto files = std::make_shared<http::StaticFolder>(backing.settings.console);
    auto const& settings = backing.settings;
    router.get(access::Need::open, "/console", {"*"}, [](http::Context const&) {
        http::Response response{.status = 308, .headers = {}, .body = {}};
        response.with("Location", "/console/");
        return response;
    });
    router.get(access::Need::open, "/console/", {"*"},
               [files, &settings](http::Context const& context) {
                   return answer_file(*files, settings, context, "");
               });
    // What a screen of a wall opens; the page reads its place from the address.
    router.get(access::Need::open, "/wall/{wallId}/{rows}/{columns}", {"*"},
               [files, &settings](http::Context const& context, std::uint32_t, std::string const&,
                                  std::string const&) {
                   return answer_file(*files, settings, context, "wall.html");
               });
    router.get(access::Need::open, "/console/{path...}", {"*"},
               [files, &settings](http::Context const& context, std::string const& path) {
                   return answer_file(*files, settings, context, path);
               });
}

} // namespace diaban::services::api
