#include "services/access/fetch.hpp"

#include "geo/error.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace diaban::services::access {

namespace {

/// A body on its way in.
struct Arriving {
    std::string& body;
    std::size_t most = 0;
};

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto const& arriving = *static_cast<Arriving*>(into);
    if (arriving.body.size() + size * count > arriving.most) return 0; // ends the transfer
    arriving.body.append(bytes, size * count);
    return size * count;
}

/// `Image/JPEG; q=1` as `image/jpeg`.
std::string media_type_in(char const* field) {
    if (field == nullptr) return {};
    std::string type{field};
    type.resize(std::min(type.find_first_of("; "), type.size()));
    std::ranges::transform(type, type.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return type;
}

std::string host_of(std::string_view url) {
    auto const begin = url.find("//");
    if (begin == std::string_view::npos) return std::string{url.substr(0, 64)};
    auto const host = url.substr(begin + 2);
    return std::string{host.substr(0, host.find('/'))};
}

struct CurlEnd {
    void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using Lines = std::unique_ptr<curl_slist, CurlEnd>;

void add_line(Lines& lines, std::string const& line) {
    if (auto* const longer = curl_slist_append(lines.get(), line.c_str())) {
        static_cast<void>(lines.release());
        lines.reset(longer);
    }
}

/// Holds a transfer to the addresses that it may be connected to.
struct Guard {
    http::Networks const& reach;
    std::optional<http::Address> named; ///< by the URL itself
    std::string refused{};
};

/// libcurl keeps more behind `addr` than its type says: as much as the family needs.
http::Address address_of(curl_sockaddr const* at) {
    http::Address address;
    auto const* const bytes =
        static_cast<std::byte const*>(static_cast<void const*>(at)) + offsetof(curl_sockaddr, addr);
    if (at->family == AF_INET6) {
        std::memcpy(address.bytes.data(), bytes + offsetof(sockaddr_in6, sin6_addr), 16);
    } else {
        address.bytes[10] = address.bytes[11] = 0xff;
        std::memcpy(address.bytes.data() + 12, bytes + offsetof(sockaddr_in, sin_addr), 4);
    }
    return address;
}

curl_socket_t open_guarded(void* held_by, curlsocktype, curl_sockaddr* at) {
    auto& guard = *static_cast<Guard*>(held_by);
    auto const address = address_of(at);
    if (is_internal(address) && guard.named != address && !guard.reach.contains(address)) {
        guard.refused = to_string(address);
        return CURL_SOCKET_BAD;
    }
    return ::socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

} // namespace

bool is_internal(http::Address const& address) {
    static auto const internal = http::Networks::read(
        "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, "
        "192.0.0.0/24, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3, ::/96, 64:ff9b::/32, 100::/64, "
        "2002::/16, fc00::/7, fe80::/9, ff00::/8",
        "internal");
    return internal.contains(address);
}

Fetched fetch(Fetch const& wanted) {
    static auto const begun = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, CurlEnd> const curl{begun == CURLE_OK ? curl_easy_init() : nullptr};
    geo::Error const unreachable{
        geo::Code::unavailable, "provider-unreachable", {{"value", host_of(wanted.url)}}};
    if (!curl) throw unreachable;
    Fetched fetched;
    Arriving arriving{fetched.body, wanted.most_bytes};
    auto* const handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &arriving);
    std::optional<Guard> guard;
    if (wanted.reach != nullptr) {
        guard.emplace(Guard{*wanted.reach, http::read_address(host_of(wanted.url))});
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &*guard);
    }
    auto const& sent = wanted.document ? wanted.document : wanted.form;
    if (sent) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(sent->size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, sent->c_str());
    }
    Lines lines;
    if (wanted.document) add_line(lines, "Content-Type: application/json");
    for (auto const& field : wanted.fields) add_line(lines, field);
    if (lines) curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.get());
    if (!wanted.user.empty()) {
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(handle, CURLOPT_USERNAME, wanted.user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, wanted.password.c_str());
    }
    auto const fault = curl_easy_perform(handle);
    if (fault != CURLE_OK && guard && !guard->refused.empty())
        throw geo::Error{
            geo::Code::forbidden,
            "pull-refused",
            {{"value", wanted.url.substr(0, 200)}, {"reason", "fetch_private: " + guard->refused}}};
    if (fault != CURLE_OK)
        throw geo::Error{geo::Code::unavailable,
                         "provider-unreachable",
                         {{"value", host_of(wanted.url)}},
                         curl_easy_strerror(fault)};
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &fetched.status);
    char const* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    fetched.media_type = media_type_in(type);
    return fetched;
}

} // namespace diaban::services::access
