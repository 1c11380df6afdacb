using System.IO.Compression;
using System.Text;

namespace OrleansCrm.Server.Tests.Hostile;

/// <summary>Bodies that parsers are known to stumble over.</summary>
internal static class HostileBodies
{
    /// <summary>Values for any place in JSON.</summary>
    public static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-0", "-0.0", "1e999", "-1e999", "1e-999", "9223372036854775808", "-9223372036854775809",
        "18446744073709551616", "0.1e1", "1E+2", new string('9', 5_000), "0." + new string('0', 5_000) + "1", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\uD83D\\uDE00\"", "\"\u202e\"", "\"\u2028\"", "\"" + new string('x', 5_000) + "\"", "\"" + new string('é', 300) + "\"",
        "\"'; DROP TABLE snapshot; --\"", "\"%00\"", "\"../../etc/passwd\"", "\"<script>\"", "\"user:anonymous:user:\"", "\"default/user:other\"", "\"NaN\"",
        "\"0000-00-00T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999+18:00\"", "\"1970-01-01T00:00:00-18:00\"", "\"2026-02-29\"", "\"2026-12-31T23:59:60Z\"",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "{\"\":{\"\":{\"\":[{\"\":null}]}}}", "[null,1,\"2\",[3],{\"4\":4}]",
    ];

    /// <summary>Names of fields that mean something somewhere.</summary>
    public static readonly string[] Names =
    [
        "type", "event", "userId", "anonymousId", "previousId", "groupId", "messageId", "timestamp", "originalTimestamp", "sentAt", "writeKey", "properties", "traits",
        "context", "name", "batch", "order_id", "refund_id", "revenue", "total", "amount", "currency", "products", "product_id", "price", "quantity", "kind",
        "score", "import", "library", "email", "id", "source", "specversion", "subject", "data", "integrations", "__proto__", "", "\\ud800", "\\u0000", "wri\\u0074eKey",
        "purpose", "channel", "granted", "points", "orderId", "placement", "cart", "password", "role", "scopes", "note", "outcome", "until", "trackingPlan", "churn",
    ];

    /// <summary>Whole bodies.</summary>
    public static IEnumerable<byte[]> All()
    {
        foreach (var text in Texts())
            yield return Encoding.UTF8.GetBytes(text);
        foreach (var value in Values)
        {
            foreach (var name in Names)
                yield return Encoding.UTF8.GetBytes($$"""{"batch":[{"type":"track","event":"Order Completed","userId":"hostile","{{name}}":{{value}},"properties":{"order_id":"1","{{name}}":{{value}} },"traits":{"{{name}}":{{value}} } }],"{{name}}":{{value}} }""");
        }

        yield return [0xff, 0xfe, (byte)'{', 0, (byte)'}', 0];
        yield return [0xef, 0xbb, 0xbf, (byte)'{', (byte)'}'];
        yield return [.. "{\"batch\":[{\"type\":\"track\",\"event\":\""u8, 0xc0, 0xaf, .. "\",\"userId\":\"hostile\"}]}"u8];
        yield return [.. "{\"batch\":[{\"type\":\"track\",\"event\":\""u8, 0xed, 0xa0, 0x80, .. "\",\"userId\":\"hostile\"}]}"u8];
        yield return [.. "{\"batch\":[{\"type\":\"track\",\"event\":\""u8, 0xf8, 0x88, 0x80, 0x80, 0x80, .. "\"}]}"u8];
        yield return [.. "{\"batch\":[]}"u8, 0];
        yield return [0];
    }

    /// <summary>Bodies that are larger than they look, or nothing of what they say.</summary>
    public static IEnumerable<(string Encoding, byte[] Body)> Compressed()
    {
        var bomb = Pack(s => new GZipStream(s, CompressionLevel.Fastest), 64 << 20);
        yield return ("gzip", bomb);
        yield return ("deflate", Pack(s => new ZLibStream(s, CompressionLevel.Fastest), 64 << 20));
        yield return ("deflate", Pack(s => new DeflateStream(s, CompressionLevel.Fastest), 64 << 20));
        yield return ("br", Pack(s => new BrotliStream(s, CompressionLevel.Fastest), 64 << 20));
        yield return ("gzip", bomb[..(bomb.Length / 2)]);
        yield return ("gzip", bomb[..5]);
        yield return ("gzip, gzip", bomb);
        foreach (var encoding in new[] { "gzip", "deflate", "br", "x-gzip", "zstd", "identity", "GZIP", "gzip\t", ";", new string('z', 3_000) })
        {
            yield return (encoding, "{\"batch\":[]}"u8.ToArray());
            yield return (encoding, []);
        }
    }

    private static IEnumerable<string> Texts()
    {
        foreach (var text in new[] { "", " ", "{", "}", "[", "]", "\"", "{\"batch\"", "{\"batch\":", "{\"batch\":[", "{\"batch\":[{", "{\"batch\":[{}", "{\"batch\":[{}]" })
            yield return text;
        foreach (var text in new[] { "null", "true", "7", "\"batch\"", "[]", "{}", "{\"batch\":null}", "{\"batch\":{}}", "{\"batch\":7}", "{\"batch\":[[]]}", "{\"batch\":[null,7,true,\"x\",[],{}]}" })
            yield return text;
        yield return "{\"batch\":[],}";
        yield return "{\"batch\":[,]}";
        yield return "{'batch':[]}";
        yield return "{batch:[]}";
        yield return "/* */{\"batch\":[]}";
        yield return "{\"batch\":[NaN,Infinity,-Infinity,+1,01,.5,1.,0x10]}";
        yield return "{\"batch\":[],\"batch\":[{\"type\":\"track\",\"event\":\"X\",\"userId\":\"hostile\"}],\"batch\":7}";
        yield return "{\"batch\":[{\"type\":\"track\",\"type\":\"page\",\"userId\":\"hostile\",\"userId\":\"hostile2\",\"event\":\"X\",\"event\":7,\"properties\":{},\"properties\":[]}]}";
        yield return "{\"batch\":[" + string.Join(',', Enumerable.Repeat("{}", 3_000)) + "]}";
        yield return "{\"batch\":[" + string.Join(',', Enumerable.Repeat("1", 100_000)) + "]}";
        yield return new string('[', 100_000);
        yield return new string('[', 9_000) + new string(']', 9_000);
        yield return string.Concat(Enumerable.Repeat("{\"a\":", 50_000));
        foreach (var depth in new[] { 58, 59, 60, 61, 62, 63, 64, 65, 66, 70, 100, 9_990, 10_010 })
        {
            var nested = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            yield return $$"""{"batch":[{"type":"track","event":"X","userId":"hostile","writeKey":"w","properties":{{nested}} }]}""";
            yield return $$"""{"batch":[{"type":"identify","userId":"hostile","traits":{{nested}} }]}""";
        }

        yield return "{\"batch\":[{\"type\":\"track\",\"event\":\"X\",\"userId\":\"hostile\",\"properties\":{" + string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"\"k{i}\":{i}")) + "}}]}";
        yield return "{\"batch\":[{\"type\":\"track\",\"event\":\"X\",\"userId\":\"hostile\",\"pad\":\"" + new string('p', 4 << 20) + "\"}]}";
        yield return "{\"batch\":[{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"hostile\",\"properties\":{\"order_id\":\"o\",\"products\":["
            + string.Join(',', Enumerable.Repeat("{\"price\":1e12,\"quantity\":1e12}", 900)) + "]}}]}";
    }

    private static byte[] Pack(Func<Stream, Stream> packer, int bytes)
    {
        var packed = new MemoryStream();
        using (var stream = packer(packed))
        {
            stream.Write("{\"batch\":[\""u8);
            var zeros = new byte[1 << 20];
            for (var i = 0; i < bytes; i += zeros.Length)
                stream.Write(zeros);
        }

        return packed.ToArray();
    }
}
