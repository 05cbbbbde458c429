-- A session of Neovim with klplint; writes what it sees to the file $KLPLINT_SEEN as JSON.
-- $KLPLINT_COMMAND is the server's command as JSON, $KLPLINT_TREE the kernel tree.
local seen = {}
local tree = vim.env.KLPLINT_TREE
local patience = 60000

local function diagnostics(is_wanted)
  local found
  assert(vim.wait(patience, function()
    found = vim.diagnostic.get(0)
    return is_wanted(found)
  end, 20), "no such diagnostics: " .. vim.inspect(found))
  return found
end

local function codes(found)
  local listed = {}
  for _, each in ipairs(found) do
    table.insert(listed, { line = each.lnum + 1, column = each.col + 1, code = each.code })
  end
  return listed
end

local function request(method, params)
  local answers = assert(vim.lsp.buf_request_sync(0, method, params, patience))
  for _, answer in pairs(answers) do
    return answer.result
  end
end

local function run()
  vim.cmd("edit " .. tree .. "/arch/powerpc/kernel/paca.c")
  local client = vim.lsp.start_client({
    name = "klplint",
    cmd = vim.fn.json_decode(vim.env.KLPLINT_COMMAND),
    root_dir = tree,
  })
  assert(client, "the server does not start")
  vim.lsp.buf_attach_client(0, client)
  assert(vim.wait(patience, function() return vim.lsp.buf_is_attached(0, client) end, 20))
  local not_empty = function(found) return #found > 0 end
  seen.opened = codes(diagnostics(not_empty))

  vim.api.nvim_win_set_cursor(0, { 35, 2 })
  local place = vim.lsp.util.make_position_params(0, "utf-16")
  seen.hover = request("textDocument/hover", place).contents.value
  local target = request("textDocument/definition", place)[1]
  seen.definition = target.range.start.line + 1

  local range = vim.lsp.util.make_given_range_params({ 39, 0 }, { 39, 0 }, 0, "utf-16")
  range.context = { diagnostics = {} }
  seen.actions = {}
  for _, action in ipairs(request("textDocument/codeAction", range)) do
    table.insert(seen.actions, action.title)
    if action.title:find("Suppress KLP003", 1, true) then
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
    end
  end
  seen.suppressed = codes(diagnostics(function(found) return #found == 0 end))
  seen.line = vim.api.nvim_buf_get_lines(0, 38, 39, false)[1]

  vim.api.nvim_buf_set_lines(0, 34, 35, false, { "\tsmp_rmb();" })
  seen.edited = codes(diagnostics(not_empty))
  vim.lsp.stop_client(client)
end

local fine, problem = pcall(run)
if not fine then
  seen.problem = tostring(problem)
end
vim.fn.writefile({ vim.fn.json_encode(seen) }, vim.env.KLPLINT_SEEN)
vim.cmd("qall!")
