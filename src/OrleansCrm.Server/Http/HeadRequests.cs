namespace OrleansCrm.Server.Http;

/// <summary>
/// HEAD is answered wherever GET is, as monitors and load balancers ask that way: the request goes on as GET, and Kestrel, which remembers
/// what was asked, sends the head alone. Not to hubs, where a GET would wait for messages.
/// </summary>
internal static class HeadRequests
{
    public static Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method) && !context.Request.Path.StartsWithSegments("/hubs"))
            context.Request.Method = HttpMethods.Get;
        return next(context);
    }
}
