#include "services/access/fetch.hpp"

#include "geo/error.hpp"

#include <curl/curl.h>

#include <memory>

namespace diaban::services::access {

namespace {

constexpr std::size_t most_bytes = 1u << 20;

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > most_bytes) return 0; // ends the transfer
    body.append(bytes, size * count);
    return size * count;
}

std::string host_of(std::string_view url) {
    auto const begin = url.find("//");
    if (begin == std::string_view::npos) return std::string{url.substr(0, 64)};
    auto const host = url.substr(begin + 2);
    return std::string{host.substr(0, host.find('/'))};
}

struct CurlEnd {
    void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
};

} // namespace

Fetched fetch(Fetch const& wanted) {
    static auto const begun = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, CurlEnd> const curl{begun == CURLE_OK ? curl_easy_init() : nullptr};
    geo::Error const unreachable{
        geo::Code::unavailable, "provider-unreachable", {{"value", host_of(wanted.url)}}};
    if (!curl) throw unreachable;
    Fetched fetched;
    auto* const handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &fetched.body);
    if (wanted.form) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(wanted.form->size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, wanted.form->c_str());
    }
    if (!wanted.user.empty()) {
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(handle, CURLOPT_USERNAME, wanted.user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, wanted.password.c_str());
    }
    if (auto const fault = curl_easy_perform(handle); fault != CURLE_OK)
        throw geo::Error{geo::Code::unavailable,
                         "provider-unreachable",
                         {{"value", host_of(wanted.url)}},
                         curl_easy_strerror(fault)};
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &fetched.status);
    return fetched;
}

} // namespace diaban::services::access
