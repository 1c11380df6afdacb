using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>What is said about a body as a whole.</summary>
public sealed class IngestBodyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("{\"batch\":[}", "invalid_json")]
    [InlineData("{\"batch\":[]} trailing", "invalid_json")]
    [InlineData("{\"batch\":[],}", "invalid_json")]
    [InlineData("{\"batch\":[] /* a comment */}", "invalid_json")]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("[]", "invalid_shape")]
    [InlineData("7", "invalid_shape")]
    [InlineData("null", "invalid_shape")]
    [InlineData("{}", "invalid_shape")]
    [InlineData("{\"batch\":{}}", "invalid_shape")]
    [InlineData("{\"batch\":null}", "invalid_shape")]
    public async Task Body_that_is_no_batch_is_refused_with_400(string body, string code)
    {
        var answer = await _server.PostAsync("/v1/batch", body, TestServer.WriteKey);

        Assert.Equal(400, answer.Status);
        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused_with_400()
    {
        var answer = await SendAsync([.. "{\"batch\":[{\"type\":\"track\",\"userId\":\""u8, 0xff, .. "\"}]}"u8], null, null);

        Assert.Equal((400, "invalid_json"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Nesting_without_end_is_refused_and_not_followed()
    {
        var answer = await _server.PostAsync("/v1/batch", "{\"batch\":" + new string('[', 1_000_000), TestServer.WriteKey);

        Assert.Equal((400, "invalid_json"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Empty_batch_is_taken()
    {
        var answer = await _server.IngestAsync();

        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"success":true,"accepted":0,"duplicate":0,"rejected":[]}""", answer.Body);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/vnd.api+json; charset=utf-8")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task Body_is_JSON_whatever_its_content_type_says(string? contentType)
    {
        var answer = await SendAsync(Batch(), contentType, null);

        AssertTaken(answer);
    }

    [Theory]
    [InlineData("gzip", "application/x-www-form-urlencoded")]
    [InlineData("gzip", "text/plain")]
    [InlineData("x-gzip", "application/json")]
    [InlineData("deflate", "application/json")]
    [InlineData("br", "application/json")]
    [InlineData("GZIP", "application/json")]
    public async Task Compressed_body_is_read(string encoding, string contentType)
    {
        var answer = await SendAsync(Compress(encoding.ToLowerInvariant(), Batch()), contentType, encoding);

        AssertTaken(answer);
    }

    [Fact]
    public async Task Deflate_without_the_zlib_header_is_read_too()
    {
        using var packed = new MemoryStream();
        await using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal))
            deflate.Write(Batch());

        AssertTaken(await SendAsync(packed.ToArray(), "application/json", "deflate"));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task Unknown_encoding_is_refused_with_415_and_names_the_known(string encoding)
    {
        var answer = await SendAsync(Batch(), "application/json", encoding);

        Assert.Equal((415, "unsupported_encoding"), (answer.Status, answer.Code));
        Assert.Equal("gzip, deflate, br", answer.Headers["Accept-Encoding"]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Body_that_is_not_compressed_as_it_says_is_refused_with_400(string encoding)
    {
        var answer = await SendAsync(Batch(), "application/json", encoding);

        Assert.Equal((400, "invalid_encoding"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Body_that_was_cut_short_under_compression_is_refused_with_400()
    {
        var packed = Compress("gzip", Batch());

        var answer = await SendAsync(packed[..(packed.Length / 2)], "application/json", "gzip");

        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task Body_over_four_megabytes_is_refused_with_413_and_the_sender_sees_it()
    {
        var answer = await _server.PostAsync("/v1/batch", new string(' ', (4 << 20) + 1), TestServer.WriteKey);

        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
        Assert.Contains("4194304 bytes", answer.Json["detail"].GetString());
    }

    [Fact]
    public async Task Chunked_body_over_four_megabytes_is_refused_with_413()
    {
        var answer = await _server.SendAsync(HttpMethod.Post, "/v1/batch", TestServer.WriteKey, null, request =>
        {
            request.Content = new StreamContent(new MemoryStream(new byte[6 << 20]));
            request.Headers.TransferEncodingChunked = true;
        });

        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Body_that_swells_beyond_the_bound_is_refused_with_413()
    {
        var bomb = Compress("gzip", new byte[100 << 20]);

        var answer = await SendAsync(bomb, "application/json", "gzip");

        Assert.True(bomb.Length < 200_000);
        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Byte_order_mark_is_passed_over() =>
        AssertTaken(await SendAsync([.. Encoding.UTF8.Preamble, .. Batch()], "application/json", null));

    [Fact]
    public async Task Strict_mode_refuses_the_batch_before_anything_is_taken()
    {
        var user = Events.NewCustomer();
        var batch = $"{{\"batch\":[{Events.Track(user, "strict-1")},{{\"type\":\"track\"}}]}}";

        var strict = await _server.SendAsync(
            HttpMethod.Post, "/v1/batch", TestServer.WriteKey, batch, request => request.Headers.Add("X-Strict-Mode", "1"));
        var profile = await _server.GetAsync("/v1/customers/" + user);

        Assert.Equal((400, "malformed_item"), (strict.Status, strict.Code));
        Assert.Equal("missing_user", strict.Json["rejected"][0].GetProperty("code").GetString());
        Assert.Equal(404, profile.Status);
    }

    [Fact]
    public async Task Events_beyond_the_bound_of_a_batch_are_named_one_by_one()
    {
        var user = Events.NewCustomer();

        var answer = await _server.IngestAsync([.. Enumerable.Range(0, 2_503).Select(i => Events.Track(user, $"m-{i}"))]);

        Assert.Equal(200, answer.Status);
        Assert.Equal(2_500, answer.Json["accepted"].GetInt32());
        Assert.Equal([(2_500, "too_many"), (2_501, "too_many"), (2_502, "too_many")], Rejected(answer));
    }

    [Fact]
    public async Task List_of_refused_items_is_bounded_and_says_how_many_more_there_are()
    {
        var answer = await _server.IngestAsync([.. Enumerable.Repeat("1", 20_000)]);

        Assert.Equal(5_000, answer.Json["rejected"].GetArrayLength());
        Assert.Equal(15_000, answer.Json["rejectedMore"].GetInt32());
    }

    private static (int, string)[] Rejected(Answer answer) =>
        [.. answer.Json["rejected"].EnumerateArray().Select(r => (r.GetProperty("index").GetInt32(), r.GetProperty("code").GetString()!))];

    private static byte[] Batch() => Encoding.UTF8.GetBytes($"{{\"batch\":[{Events.Track(Events.NewCustomer(), "m-1")}]}}");

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Optimal),
            "deflate" => new ZLibStream(packed, CompressionLevel.Optimal),
            _ => new GZipStream(packed, CompressionLevel.Optimal),
        })
            stream.Write(body);
        return packed.ToArray();
    }

    private static void AssertTaken(Answer answer) =>
        Assert.Equal((200, """{"success":true,"accepted":1,"duplicate":0,"rejected":[]}"""), (answer.Status, answer.Body));

    private Task<Answer> SendAsync(byte[] body, string? contentType, string? encoding) =>
        _server.SendAsync(HttpMethod.Post, "/v1/batch", TestServer.WriteKey, null, request =>
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            if (encoding is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        });
}
