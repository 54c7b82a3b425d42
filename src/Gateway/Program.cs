using Gateway.Page;
using Gateway.Policies;
using Gateway.Proxy;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceProxy();
builder.AddCrossOriginCalls();
builder.AddBodyLimit();
builder.AddRateLimit();
builder.AddPage();

var app = builder.Build();
app.UseErrorBodies();
app.UseCrossOriginCalls();
app.UseBodyLimit();
app.UseRateLimit();
app.UsePage();
app.MapDefaultEndpoints();
app.MapServiceProxy();
app.MapPage();
app.Run();
