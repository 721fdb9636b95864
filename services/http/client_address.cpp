#include "services/http/client_address.hpp"

#include "geo/error.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace diaban::services::http {

namespace {

constexpr unsigned mapped_bits = 96; // ::ffff:0:0/96 holds version 4 (RFC 4291, 2.5.5.2)
constexpr unsigned all_bits = 128;

std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<Address> read_version_4(std::string const& text) {
    Address address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data() + mapped_bits / 8) != 1)
        return std::nullopt;
    address.bytes[10] = address.bytes[11] = 0xff;
    return address;
}

std::optional<Address> read_version_6(std::string const& text) {
    Address address;
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
}

bool is_version_4(Address const& address) noexcept {
    return std::all_of(address.bytes.begin(), address.bytes.begin() + 10,
                       [](std::uint8_t byte) { return byte == 0; }) &&
           address.bytes[10] == 0xff && address.bytes[11] == 0xff;
}

/// The values of `for=` of a Forwarded field, in order; what is no pair counts as one that is no
/// address.
std::vector<std::string> forwarded_for(std::string_view field) {
    std::vector<std::string> found;
    while (!field.empty()) {
        auto const comma = std::min(field.find(','), field.size());
        auto element = field.substr(0, comma);
        field.remove_prefix(std::min(comma + 1, field.size()));
        std::string value;
        while (!element.empty()) {
            auto const semicolon = std::min(element.find(';'), element.size());
            auto const pair = trim(element.substr(0, semicolon));
            element.remove_prefix(std::min(semicolon + 1, element.size()));
            if (pair.size() > 4 && equal_without_case(pair.substr(0, 4), "for="))
                value = pair.substr(4);
        }
        std::erase(value, '"');
        found.push_back(std::move(value));
    }
    return found;
}

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        auto const comma = std::min(list.find(','), list.size());
        parts.emplace_back(trim(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return parts;
}

} // namespace

std::optional<Address> read_address(std::string_view text) {
    constexpr std::size_t longest = 64;
    if (text.size() > longest) return std::nullopt;
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        return read_version_6(std::string{text.substr(1, end - 1)});
    }
    if (std::ranges::count(text, ':') > 1) return read_version_6(std::string{text});
    return read_version_4(std::string{text.substr(0, text.find(':'))});
}

std::string to_string(Address const& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_version_4(address))
        ::inet_ntop(AF_INET, address.bytes.data() + mapped_bits / 8, text, sizeof text);
    else
        ::inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
    return text;
}

Networks Networks::read(std::string_view list, std::string_view setting) {
    Networks networks;
    for (auto const& part : parts_of(list)) {
        auto const slash = part.find('/');
        auto const address = read_address(part.substr(0, slash));
        geo::Error const wrong{geo::Code::bad_input,
                               "bad-setting",
                               {{"parameter", std::string{setting}},
                                {"value", part.substr(0, 64)},
                                {"accepted", "10.0.0.0/8, 192.0.2.7, fd00::/8"}}};
        if (!address) throw wrong;
        unsigned const before = is_version_4(*address) ? mapped_bits : 0;
        unsigned bits = all_bits - before;
        if (slash != std::string::npos) {
            auto const* const end = part.data() + part.size();
            auto const [stop, fault] = std::from_chars(part.data() + slash + 1, end, bits);
            if (fault != std::errc{} || stop != end || bits > all_bits - before) throw wrong;
        }
        networks.m_networks.push_back({*address, before + bits});
    }
    return networks;
}

bool Networks::contains(Address const& address) const noexcept {
    return std::ranges::any_of(m_networks, [&](Network const& network) {
        auto const whole = network.bits / 8;
        if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole,
                        network.prefix.bytes.begin()))
            return false;
        auto const rest = network.bits % 8;
        if (rest == 0) return true;
        auto const mask = static_cast<std::uint8_t>(0xff00u >> rest);
        return (address.bytes[whole] & mask) == (network.prefix.bytes[whole] & mask);
    });
}

Client client_of(Request const& request, Networks const& trusted) {
    Client client{request.peer, true};
    if (!trusted.contains(request.peer)) return {request.peer, request.peer == Address{}};
    auto list = parts_of(request.header_list("x-forwarded-for"));
    if (list.empty()) list = forwarded_for(request.header_list("forwarded"));
    for (auto part = list.rbegin(); part != list.rend(); ++part) {
        auto const address = read_address(*part);
        if (!address) break;
        client = {*address, false};
        if (!trusted.contains(*address)) break;
    }
    return client;
}

} // namespace diaban::services::http
