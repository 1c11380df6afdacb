using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// Reads where a contact came from: <c>context.campaign</c>, <c>context.referrer</c>, and of pages the page they were reached from, unless
/// that is one of the shop's own.
/// </summary>
internal static class AcquisitionFold
{
    private const int TextMax = 100;
    private const int AddressMax = 200;

    public static void See(CustomerState state, string call, in StorefrontEvent read, ref FoldStep step)
    {
        var page = call == EntryTypes.Page ? read.Page : default;
        if (read.Campaign.Length == 0 && read.Referrer.Length == 0 && page.Length == 0)
            return;
        var referrer = Address(Text(read.Referrer, "url", AddressMax * 4));
        if (referrer.Length == 0 && page.Length > 0)
            referrer = ReferrerOf(page);
        var touch = new Touch(
            step.Entry.TimeMs, Text(read.Campaign, "name", TextMax), Text(read.Campaign, "source", TextMax), Text(read.Campaign, "medium", TextMax), referrer);
        if (touch.Kind == "referrer" && referrer.Length == 0)
            return;
        var before = state.Acquisition;
        Acquisition.Add(state, touch);
        step.FactsChanged |= !ReferenceEquals(before, state.Acquisition) && step.Program.Conditional.Counted.Any;
    }

    private static string ReferrerOf(ReadOnlySpan<byte> page)
    {
        var referrer = Address(Text(page, "referrer", AddressMax * 4));
        return referrer.Length > 0 && HostOf(referrer) == HostOf(Address(Text(page, "url", AddressMax * 4))) ? "" : referrer;
    }

    private static string Text(ReadOnlySpan<byte> json, string name, int max)
    {
        if (json.Length == 0)
            return "";
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(name);
            reader.Read();
            if (isWanted && reader.TokenType == JsonTokenType.String && Traits.TextOf(reader) is { } text)
                return Cut(text.Trim(), max);
            reader.Skip();
        }

        return "";
    }

    private static string Address(string url)
    {
        // RudderStack's word for a page that nothing led to.
        if (url == "$direct")
            return "";
        var end = url.AsSpan().IndexOfAny('?', '#');
        return Cut(end < 0 ? url : url[..end], AddressMax);
    }

    private static string HostOf(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        var end = address.IndexOf('/', start);
        return end < 0 ? address[start..] : address[start..end];
    }

    // Cut between runes: half a surrogate pair could not be written again.
    private static string Cut(string text, int max) =>
        text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}
